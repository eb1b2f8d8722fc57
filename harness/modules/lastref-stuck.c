// SPDX-License-Identifier: GPL-2.0
/*
 * A platform driver that takes the kernel down, to try whoever watches it.
 *
 * What its device's node says is done with the devicetree's mutex held, for
 * devices of overlays come and go under it:
 *
 *   lastref,when  "probe" or "remove"
 *   lastref,how   "sleep": the task sleeps for ever, whatever it is sent
 *                 "spin": no CPU does anything any more, interrupts included
 *                 "panic": the kernel panics
 *                 "reset": the machine restarts without a word
 */
#include <linux/completion.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/panic.h>
#include <linux/platform_device.h>
#include <linux/reboot.h>
#include <linux/smp.h>

static DECLARE_COMPLETION(stuck_never);

static void stuck_spin(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void stuck_do(const char *how, const char *now)
{
	if (!strcmp(how, "sleep"))
		wait_for_completion(&stuck_never);
	else if (!strcmp(how, "spin"))
		on_each_cpu(stuck_spin, NULL, 0);
	else if (!strcmp(how, "panic"))
		panic("lastref-stuck: asked to in %s", now);
	else if (!strcmp(how, "reset"))
		emergency_restart();
}

static int stuck_probe(struct platform_device *pdev)
{
	const char *when, *how;

	if (of_property_read_string(pdev->dev.of_node, "lastref,when", &when) ||
	    of_property_read_string(pdev->dev.of_node, "lastref,how", &how))
		return -EINVAL;

	if (!strcmp(when, "probe"))
		stuck_do(how, when);

	/* By the time of remove the node has lost its properties. */
	how = devm_kstrdup(&pdev->dev, how, GFP_KERNEL);
	if (!how)
		return -ENOMEM;
	if (!strcmp(when, "remove"))
		platform_set_drvdata(pdev, (void *)how);
	return 0;
}

static void stuck_remove(struct platform_device *pdev)
{
	const char *how = platform_get_drvdata(pdev);

	if (how)
		stuck_do(how, "remove");
}

static const struct of_device_id stuck_of_match[] = {
	{ .compatible = "lastref,stuck" },
	{ }
};
MODULE_DEVICE_TABLE(of, stuck_of_match);

static struct platform_driver stuck_driver = {
	.probe = stuck_probe,
	.remove_new = stuck_remove,
	.driver = {
		.name = "lastref-stuck",
		.of_match_table = stuck_of_match,
	},
};
module_platform_driver(stuck_driver);

MODULE_DESCRIPTION("Lastref: a driver that takes the kernel down when told");
MODULE_LICENSE("GPL");
