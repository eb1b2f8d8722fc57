// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that is at fault in its probe: with "test,oopses" it follows a null pointer, with
 * "test,sleeps" and "test,spins" it never returns, and waits or runs for ever.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>

static DECLARE_COMPLETION(faulty_never);

struct faulty {
	struct completion *done;
};

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
