// SPDX-License-Identifier: GPL-2.0-only
/*
 * TEST MACHINES ONLY. Does to the writer of /proc/pk_pwn what exploits of the kernel do to credentials.
 */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

static void ids_in_place(struct cred *cred)
{
	cred->uid = cred->euid = cred->suid = cred->fsuid = GLOBAL_ROOT_UID;
	cred->gid = cred->egid = cred->sgid = cred->fsgid = GLOBAL_ROOT_GID;
}

static void caps_in_place(struct cred *cred)
{
	cred->cap_permitted = CAP_FULL_SET;
	cred->cap_effective = CAP_FULL_SET;
}

static ssize_t pwn(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	struct cred *cred = (struct cred *)current->real_cred;
	char what[16] = {};

	if (len >= sizeof(what) || copy_from_user(what, from, len))
		return -EINVAL;
	strim(what);
	if (!strcmp(what, "place")) { /* all of it, in place */
		ids_in_place(cred);
		caps_in_place(cred);
	} else if (!strcmp(what, "euid")) {
		cred->euid = cred->fsuid = GLOBAL_ROOT_UID;
	} else if (!strcmp(what, "egid")) {
		cred->egid = cred->fsgid = GLOBAL_ROOT_GID;
	} else if (!strcmp(what, "caps")) {
		caps_in_place(cred);
	} else if (!strcmp(what, "effective")) {
		cred->cap_effective = CAP_FULL_SET;
	} else if (!strcmp(what, "bound")) {
		cred->cap_bset = CAP_FULL_SET;
	} else if (!strcmp(what, "groups")) {
		put_group_info(cred->group_info);
		cred->group_info = get_group_info(groups_alloc(1));
		cred->group_info->gid[0] = GLOBAL_ROOT_GID;
	} else if (!strcmp(what,
			   "userns")) { /* capabilities of a namespace of its own, in the first one */
		cred->user_ns = get_user_ns(&init_user_ns);
	} else if (!strcmp(what, "commit")) { /* the classic */
		commit_creds(prepare_kernel_cred(&init_task));
	} else if (!strcmp(what, "swap")) { /* the pointers */
		const struct cred *new = prepare_kernel_cred(&init_task);

		rcu_assign_pointer(current->real_cred, new);
		rcu_assign_pointer(current->cred, get_cred(new));
	} else if (strcmp(what, "nothing")) {
		return -EINVAL;
	}
	return len;
}

static const struct proc_ops ops = { .proc_write = pwn };

static int __init pwn_init(void)
{
	return proc_create("pk_pwn", 0666, NULL, &ops) ? 0 : -ENOMEM;
}

static void __exit pwn_exit(void)
{
	remove_proc_entry("pk_pwn", NULL);
}

module_init(pwn_init);
module_exit(pwn_exit);
MODULE_LICENSE("GPL");
