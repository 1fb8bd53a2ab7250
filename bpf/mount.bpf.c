// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The mount family on the lsm backend: who changes what a file tree looks like.
 *
 * lsm/sb_mount         mount(), remounts, binds, changes of propagation: before permission is checked
 * lsm/sb_umount        umount(), after it was
 * lsm/move_mount       move_mount(), the only road on which a detached mount gets a place
 * lsm/sb_pivotroot     pivot_root(), before permission is checked
 * lsm/path_chroot      chroot(), after it was
 *
 * open_tree(), fsmount(), fsconfig() and mount_setattr() have no hook of their own: they are seen when they
 * have succeeded, and denied where the kernel asks whether the caller may mount: system.bpf.c.
 */
#include "system.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void mount_fill(struct pk_scratch *s, const char *dev_name,
				       const struct path *path, const char *type,
				       unsigned long flags)
{
	pk_sys_path(s, path->dentry, path->mnt);
	pk_sys_text1(s, type, false);
	pk_sys_text2(s, dev_name, false);
	s->rec.sys.arg[0] = flags;
}

PK_SYS_HOOK(sb_mount, PK_HOOK_SB_MOUNT, PK_EVENT_DO_MOUNT, true,
	    mount_fill(s, dev_name, path, type, flags), const char *dev_name,
	    const struct path *path, const char *type, unsigned long flags)

static __always_inline void umount_fill(struct pk_scratch *s, struct vfsmount *mnt, int flags)
{
	pk_sys_path(s, mnt->mnt_root, mnt);
	s->rec.sys.arg[0] = (__u32)flags;
}

PK_SYS_HOOK(sb_umount, PK_HOOK_SB_UMOUNT, PK_EVENT_UMOUNT, true, umount_fill(s, mnt, flags),
	    struct vfsmount *mnt, int flags)

static __always_inline void move_fill(struct pk_scratch *s, struct task_struct *task,
				      const struct path *from, const struct path *to)
{
	pk_sys_path(s, from->dentry, from->mnt);
	pk_sys_path2(s, to->dentry, to->mnt);
	s->rec.sys.arg[0] = (__u32)pk_call_arg(task, 4);
}

PK_SYS_HOOK(move_mount, PK_HOOK_MOVE_MOUNT, PK_EVENT_MOVE_MOUNT, true,
	    move_fill(s, task, from_path, to_path), const struct path *from_path,
	    const struct path *to_path)

static __always_inline void pivot_fill(struct pk_scratch *s, const struct path *put_old,
				       const struct path *new_root)
{
	pk_sys_path(s, new_root->dentry, new_root->mnt);
	pk_sys_path2(s, put_old->dentry, put_old->mnt);
}

PK_SYS_HOOK(sb_pivotroot, PK_HOOK_SB_PIVOTROOT, PK_EVENT_PIVOT_ROOT, true,
	    pivot_fill(s, old_path, new_path), const struct path *old_path,
	    const struct path *new_path)

PK_SYS_HOOK(path_chroot, PK_HOOK_PATH_CHROOT, PK_EVENT_CHROOT, true,
	    pk_sys_path(s, path->dentry, path->mnt), const struct path *path)
