// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that is at fault in its probe: with "test,oopses" it follows a null pointer, with
 * "test,sleeps" and "test,spins" it never returns, and waits or runs for ever. With "test,locks"
 * its remove waits for a work that waits for the lock of the device that is removed. With
 * "test,leaks" it forgets some memory.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static DECLARE_COMPLETION(faulty_never);

struct faulty {
	struct completion *done;
};

struct faulty_locks {
	struct work_struct work;
	struct device *dev;
};

static void faulty_work(struct work_struct *work)
{
	struct faulty_locks *locks = container_of(work, struct faulty_locks, work);

	device_lock(locks->dev);
	device_unlock(locks->dev);
}

static void faulty_remove(void *data)
{
	struct faulty_locks *locks = data;

	schedule_work(&locks->work);
	flush_work(&locks->work);
}

static int faulty_lock(struct device *dev)
{
	struct faulty_locks *locks = devm_kzalloc(dev, sizeof(*locks), GFP_KERNEL);

	if (!locks)
		return -ENOMEM;
	locks->dev = dev;
	INIT_WORK(&locks->work, faulty_work);
	return devm_add_action_or_reset(dev, faulty_remove, locks);
}

static int faulty_probe(struct platform_device *pdev)
{
	const struct device_node *node = pdev->dev.of_node;
	struct faulty *faulty = platform_get_drvdata(pdev);

	if (of_property_read_bool(node, "test,oopses"))
		complete(READ_ONCE(faulty->done));
	if (of_property_read_bool(node, "test,sleeps"))
		wait_for_completion(&faulty_never);
	if (of_property_read_bool(node, "test,spins"))
		for (;;)
			cpu_relax();
	if (of_property_read_bool(node, "test,leaks"))
		faulty = kmalloc(sizeof(*faulty) + 200, GFP_KERNEL);
	if (of_property_read_bool(node, "test,locks"))
		return faulty_lock(&pdev->dev);
	return 0;
}

static const struct of_device_id faulty_match[] = {
	{ .compatible = "test,faulty" },
	{ }
};

static struct platform_driver faulty = {
	.probe = faulty_probe,
	.driver = {
		.name = "test-faulty",
		.of_match_table = faulty_match,
	},
};
module_platform_driver(faulty);

MODULE_DESCRIPTION("A driver that is at fault, for a test");
MODULE_LICENSE("GPL");
