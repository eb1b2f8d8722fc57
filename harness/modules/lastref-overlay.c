// SPDX-License-Identifier: GPL-2.0
/*
 * Devicetree overlays for a kernel that has no interface for them: a file each.
 *
 *	fd = open("/dev/lastref-overlay", O_WRONLY)
 *	write(fd, blob, size)		applies it, once; fails as of_overlay_fdt_apply() does
 *	ioctl(fd, LRO_REMOVE)		removes it; fails as of_overlay_remove() does
 *	close(fd)			removes it if that was not done
 *
 * It needs nothing but what kernels export.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lastref-overlay.h"

#define OVERLAY_MAX_SIZE	SZ_1M

/**
 * struct overlay - an overlay that belongs to an open file
 * @lock:	serialises applying and removing it
 * @ovcs_id:	what of_overlay_fdt_apply() returned, 0 while it is not applied
 */
struct overlay {
	struct mutex	lock;
	int		ovcs_id;
};

static int overlay_open(struct inode *inode, struct file *file)
{
	struct overlay *overlay = kzalloc(sizeof(*overlay), GFP_KERNEL);

	if (!overlay)
		return -ENOMEM;

	mutex_init(&overlay->lock);
	file->private_data = overlay;
	return 0;
}

static int overlay_apply(struct overlay *overlay, const void *fdt, size_t size)
{
	int ret;

	if (overlay->ovcs_id)
		return -EEXIST;

	/* Later kernels apply one to a part of the tree too. */
	ret = of_overlay_fdt_apply(fdt, size, &overlay->ovcs_id OVERLAY_BASE);
	if (ret && overlay->ovcs_id) {
		/* What was applied before the error has to be taken back. */
		if (of_overlay_remove(&overlay->ovcs_id))
			pr_err("lastref_overlay: not completely taken back after error %d\n",
			       ret);
		overlay->ovcs_id = 0;
	}
	return ret;
}

static ssize_t overlay_write(struct file *file, const char __user *from,
			     size_t size, loff_t *pos)
{
	struct overlay *overlay = file->private_data;
	void *fdt;
	int ret;

	if (!size || size > OVERLAY_MAX_SIZE)
		return -EFBIG;

	fdt = memdup_user(from, size);
	if (IS_ERR(fdt))
		return PTR_ERR(fdt);

	mutex_lock(&overlay->lock);
	ret = overlay_apply(overlay, fdt, size);
	mutex_unlock(&overlay->lock);

	kfree(fdt);
	return ret ?: size;
}

static int overlay_remove(struct overlay *overlay)
{
	int ret = 0;

	mutex_lock(&overlay->lock);
	if (overlay->ovcs_id)
		ret = of_overlay_remove(&overlay->ovcs_id);
	mutex_unlock(&overlay->lock);

	return ret;
}

static long overlay_ioctl(struct file *file, unsigned int request,
			  unsigned long argument)
{
	return request == LRO_REMOVE ? overlay_remove(file->private_data) :
				       -ENOTTY;
}

static int overlay_release(struct inode *inode, struct file *file)
{
	struct overlay *overlay = file->private_data;

	if (overlay_remove(overlay))
		pr_err("lastref_overlay: an overlay stays in the tree without a file\n");
	kfree(overlay);
	return 0;
}

static const struct file_operations overlay_fops = {
	.owner = THIS_MODULE,
	.open = overlay_open,
	.write = overlay_write,
	.unlocked_ioctl = overlay_ioctl,
	.release = overlay_release,
	.llseek = noop_llseek,
};

static struct miscdevice overlay_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lastref-overlay",
	.fops = &overlay_fops,
	.mode = 0600,
};

module_misc_device(overlay_device);

MODULE_DESCRIPTION("Lastref: applies and removes devicetree overlays");
MODULE_LICENSE("GPL");
