// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The memory family: memory that is written and executed.
 *
 * lsm/mmap_file       mappings that are writable and executable at once, before they are made
 * lsm/file_mprotect   memory that becomes executable and is, or was written, or becomes writable while it is
 *                     executable; before it is changed
 *
 * The tracepoint backend sees mmap() and mprotect() at their end, where what the memory was before is not
 * known any more: every mprotect() that makes memory executable. Execution of memfds and of deleted files is an exec.
 */
#include "system.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PROT_WRITE 2u
#define PROT_EXEC 4u
#define VM_WRITE 2u
#define VM_EXEC 4u

static __always_inline void map_args(struct pk_scratch *s, struct task_struct *task,
				     unsigned long prot)
{
	s->rec.sys.arg[0] = pk_call_arg(task, 0);
	s->rec.sys.arg[1] = pk_call_arg(task, 1);
	s->rec.sys.arg[2] = prot;
}

static __always_inline void mmap_fill(struct pk_scratch *s, struct task_struct *task,
				      struct file *file, unsigned long prot, unsigned long flags)
{
	map_args(s, task, prot);
	s->rec.sys.arg[3] = flags;
	if (file)
		pk_sys_path(s, file->f_path.dentry, file->f_path.mnt);
}

PK_SYS_HOOK(mmap_file, PK_HOOK_MMAP, PK_EVENT_MMAP, (prot & PROT_EXEC) && (prot & PROT_WRITE),
	    mmap_fill(s, task, file, prot, flags), struct file *file, unsigned long reqprot,
	    unsigned long prot, unsigned long flags)

/* Does memory become executable that somebody wrote, or writable that is executable? */
static __always_inline bool mprotect_matters(struct vm_area_struct *vma, unsigned long prot)
{
	unsigned long before = vma->vm_flags;

	if (!(prot & PROT_EXEC))
		return false;
	if ((before & VM_EXEC) && (!(prot & PROT_WRITE) || (before & VM_WRITE)))
		return false;
	return (prot & PROT_WRITE) || (before & VM_WRITE) || vma->anon_vma;
}

static __always_inline void mprotect_fill(struct pk_scratch *s, struct task_struct *task,
					  struct vm_area_struct *vma, unsigned long prot)
{
	struct file *file = vma->vm_file;

	map_args(s, task, prot);
	s->rec.sys.arg[3] = vma->vm_flags & 7;
	if (file)
		pk_sys_path(s, BPF_CORE_READ(file, f_path.dentry), BPF_CORE_READ(file, f_path.mnt));
}

PK_SYS_HOOK(file_mprotect, PK_HOOK_MPROTECT, PK_EVENT_MPROTECT, mprotect_matters(vma, prot),
	    mprotect_fill(s, task, vma, prot), struct vm_area_struct *vma, unsigned long reqprot,
	    unsigned long prot)
