// SPDX-License-Identifier: GPL-2.0
/*
 * A parent of mediated devices that needs no hardware, and whose life is
 * spelled out: what is written to the parameter "do" is done, one step at a
 * time, and the write returns what came of it.
 *
 * The steps may come in an order that no driver should take, to see what mdev
 * makes of it.  The parent is kept in memory after its release, under another
 * name, so that whoever still uses it is seen to do so and reads nothing that
 * belongs to somebody else.  What would corrupt memory all the same, unless
 * mdev.check_parent is set, is to unregister twice or without having tried to
 * register.
 */

#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#define PARENT		"lastref-parent"
#define RELEASED	"lastref-released"

struct lastref_parent {
	struct device dev;
	struct mdev_parent mdev;
	/* For the same device, without types: never registered with success */
	struct mdev_parent other;
	struct mdev_type small, big;
	struct mdev_type *types[2];
	bool added, registered, released;
};

static struct lastref_parent *parent;
static DEFINE_MUTEX(parent_lock);

static struct class lastref_class = {
	.name = "lastref_mdev",
};

static struct mdev_driver lastref_driver = {
	.device_api = "none",
	.max_instances = 4,
	.driver = {
		.name = "lastref_mdev",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
	},
};

/* The kobject's own name is freed by its caller, who has it from before. */
static void lastref_release(struct device *dev)
{
	struct lastref_parent *p = container_of(dev, struct lastref_parent, dev);

	p->released = true;
	dev->kobj.name = RELEASED;
}

/* What was not released is somebody's still, and lost. */
static void lastref_forget(void)
{
	if (parent && parent->released)
		kfree(parent);
	else if (parent)
		pr_info(PARENT " was never released\n");
	parent = NULL;
}

static int lastref_add(void)
{
	int ret;

	if (parent && parent->added)
		return -EBUSY;
	lastref_forget();

	parent = kzalloc(sizeof(*parent), GFP_KERNEL);
	if (!parent)
		return -ENOMEM;

	parent->small.sysfs_name = "small";
	parent->big.sysfs_name = "big";
	parent->types[0] = &parent->small;
	parent->types[1] = &parent->big;
	parent->dev.class = &lastref_class;
	parent->dev.release = lastref_release;
	device_initialize(&parent->dev);
	ret = dev_set_name(&parent->dev, PARENT);
	if (!ret)
		ret = device_add(&parent->dev);
	if (ret)
		put_device(&parent->dev);
	else
		parent->added = true;
	return ret;
}

static void lastref_remove(void)
{
	parent->added = false;
	device_unregister(&parent->dev);
}

static int lastref_register(void)
{
	int ret = mdev_register_parent(&parent->mdev, &parent->dev,
				       &lastref_driver, parent->types,
				       ARRAY_SIZE(parent->types));

	if (!ret)
		parent->registered = true;
	return ret;
}

static void lastref_unregister(void)
{
	parent->registered = false;
	mdev_unregister_parent(&parent->mdev);
}

static int lastref_do(const char *step)
{
	if (sysfs_streq(step, "add"))
		return lastref_add();
	if (!parent)
		return -ENODEV;
	if (sysfs_streq(step, "unregister")) {
		lastref_unregister();
		return 0;
	}
	/* All others are for a device that is there. */
	if (!parent->added)
		return -ENODEV;
	if (sysfs_streq(step, "register"))
		return lastref_register();
	if (sysfs_streq(step, "register-other"))
		return mdev_register_parent(&parent->other, &parent->dev,
					    &lastref_driver, NULL, 0);
	if (sysfs_streq(step, "unregister-other"))
		mdev_unregister_parent(&parent->other);
	else if (sysfs_streq(step, "remove"))
		lastref_remove();
	else
		return -EINVAL;
	return 0;
}

static int do_set(const char *val, const struct kernel_param *kp)
{
	int ret;

	mutex_lock(&parent_lock);
	ret = lastref_do(val);
	mutex_unlock(&parent_lock);
	return ret;
}

static const struct kernel_param_ops do_ops = {
	.set = do_set,
};

module_param_cb(do, &do_ops, NULL, 0200);
MODULE_PARM_DESC(do,
		 "add, register, register-other, unregister, unregister-other or remove");

static int __init lastref_init(void)
{
	int ret = class_register(&lastref_class);

	if (ret)
		return ret;
	ret = mdev_register_driver(&lastref_driver);
	if (ret)
		class_unregister(&lastref_class);
	return ret;
}

static void __exit lastref_exit(void)
{
	if (parent && parent->registered)
		lastref_unregister();
	if (parent && parent->added)
		lastref_remove();
	lastref_forget();
	mdev_unregister_driver(&lastref_driver);
	class_unregister(&lastref_class);
}

module_init(lastref_init);
module_exit(lastref_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A parent of mediated devices, step by step");
