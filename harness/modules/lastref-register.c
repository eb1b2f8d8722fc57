// SPDX-License-Identifier: GPL-2.0
/*
 * A device that is registered asynchronously, and a creator that goes on to
 * use it, as nd_btt_probe() does with what __nd_btt_create() returns: the
 * registration may have failed by then, and what fails drops both references.
 *
 * In /sys/module/lastref_register/parameters:
 *
 *   pattern  bare: the creator keeps a pointer without a reference of its own
 *            and does not ask whether the registration succeeded; reference:
 *            it takes one, waits for the registration and asks
 *   taken    another device has the name already, so the registration fails
 *   create   writing 1 creates the device and schedules its registration
 *   use      writing 1 uses the device, and forgets it
 */
#include <linux/async.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#define REGISTER_NAME	"lr-register"

enum register_pattern {
	REGISTER_BARE,
	REGISTER_REFERENCE,
};

static const char * const register_patterns[] = {
	[REGISTER_BARE]		= "bare",
	[REGISTER_REFERENCE]	= "reference",
};

struct registered {
	struct device dev;
	bool used;
};

static int pattern = REGISTER_REFERENCE;
static bool taken;

/* Everything below belongs to whoever holds register_lock. */
static DEFINE_MUTEX(register_lock);
static struct device *parent;
static struct kobject *namesake;
static struct registered *created;

static ASYNC_DOMAIN_EXCLUSIVE(register_domain);

/* A cache of its own: what is written to a freed object hurts nobody else. */
static struct kmem_cache *register_cache;

/* A cache with a constructor is not merged with another. */
static void registered_init(void *object)
{
}

static void registered_release(struct device *dev)
{
	kmem_cache_free(register_cache, container_of(dev, struct registered, dev));
}

static struct registered *registered_alloc(void)
{
	struct registered *reg = kmem_cache_alloc(register_cache, GFP_KERNEL);

	if (!reg)
		return NULL;

	memset(reg, 0, sizeof(*reg));
	device_initialize(&reg->dev);
	reg->dev.parent = parent;
	reg->dev.release = registered_release;
	if (dev_set_name(&reg->dev, REGISTER_NAME)) {
		put_device(&reg->dev);
		return NULL;
	}
	return reg;
}

/* As nd_async_device_register() does it, drivers/nvdimm/bus.c. */
static void register_async(void *data, async_cookie_t cookie)
{
	struct device *dev = data;

	if (device_add(dev))
		put_device(dev);
	put_device(dev);
}

/* As __nd_device_register() does it. */
static void register_schedule(struct device *dev)
{
	get_device(dev);
	async_schedule_dev_domain(register_async, dev, &register_domain);
}

static struct registered *register_create(void)
{
	struct registered *reg = registered_alloc();

	if (!reg)
		return NULL;

	if (pattern == REGISTER_REFERENCE)
		get_device(&reg->dev);
	register_schedule(&reg->dev);
	return reg;
}

/* Not inlined, for probes and for the report of who used what. */
static noinline void register_use(struct registered *reg)
{
	WRITE_ONCE(reg->used, true);
}

/* The creator goes on. A device that was registered stays until it goes. */
static int register_go_on(struct registered *reg)
{
	int ret = 0;

	if (pattern == REGISTER_BARE) {
		register_use(reg);
		return 0;
	}

	async_synchronize_full_domain(&register_domain);
	if (device_is_registered(&reg->dev))
		register_use(reg);
	else
		ret = -ENODEV;
	put_device(&reg->dev);
	return ret;
}

/* Parameters. */

static int pattern_set(const char *val, const struct kernel_param *kp)
{
	int i = sysfs_match_string(register_patterns, val);

	if (i < 0)
		return i;

	mutex_lock(&register_lock);
	pattern = i;
	mutex_unlock(&register_lock);
	return 0;
}

static int pattern_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", register_patterns[READ_ONCE(pattern)]);
}

static const struct kernel_param_ops pattern_ops = {
	.set = pattern_set,
	.get = pattern_get,
};

static int create_set(const char *val, const struct kernel_param *kp)
{
	int ret = 0;

	mutex_lock(&register_lock);
	if (!parent || created)
		ret = -EBUSY;
	if (!ret) {
		created = register_create();
		if (!created)
			ret = -ENOMEM;
	}
	mutex_unlock(&register_lock);
	return ret;
}

static const struct kernel_param_ops create_ops = {
	.set = create_set,
};

static int use_set(const char *val, const struct kernel_param *kp)
{
	int ret = -ENODEV;

	mutex_lock(&register_lock);
	if (created) {
		ret = register_go_on(created);
		created = NULL;
	}
	mutex_unlock(&register_lock);
	return ret;
}

static const struct kernel_param_ops use_ops = {
	.set = use_set,
};

module_param_cb(pattern, &pattern_ops, NULL, 0644);
MODULE_PARM_DESC(pattern, "bare, or reference (default)");
module_param(taken, bool, 0444);
MODULE_PARM_DESC(taken, "the name is taken, so registering fails (default: N)");
module_param_cb(create, &create_ops, NULL, 0200);
MODULE_PARM_DESC(create, "creates the device and schedules its registration");
module_param_cb(use, &use_ops, NULL, 0200);
MODULE_PARM_DESC(use, "uses the device that was created, and forgets it");

static int register_unregister(struct device *dev, void *unused)
{
	device_unregister(dev);
	return 0;
}

static int __init register_init(void)
{
	struct device *root;

	register_cache = kmem_cache_create("lastref_registered",
					   sizeof(struct registered), 0, 0,
					   registered_init);
	if (!register_cache)
		return -ENOMEM;

	root = root_device_register("lastref-register");
	if (IS_ERR(root)) {
		kmem_cache_destroy(register_cache);
		return PTR_ERR(root);
	}

	if (taken)
		namesake = kobject_create_and_add(REGISTER_NAME, &root->kobj);

	mutex_lock(&register_lock);
	parent = root;
	mutex_unlock(&register_lock);
	return 0;
}
module_init(register_init);

static void __exit register_exit(void)
{
	async_synchronize_full_domain(&register_domain);
	if (created && pattern == REGISTER_REFERENCE)
		put_device(&created->dev);
	device_for_each_child(parent, NULL, register_unregister);
	kobject_put(namesake);
	root_device_unregister(parent);
	kmem_cache_destroy(register_cache);
}
module_exit(register_exit);

MODULE_DESCRIPTION("Lastref: a device that is registered asynchronously, and who uses it");
MODULE_LICENSE("GPL");
