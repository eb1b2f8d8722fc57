// SPDX-License-Identifier: GPL-2.0
/*
 * A platform driver that probes asynchronously, and only goes on when told to.
 *
 * It takes a reference to its node and to its device in probe and keeps them
 * until it is removed, as drivers do that hand both to somebody else. What it
 * does is chosen by parameters, in /sys/module/lastref_slow/parameters:
 *
 *   probe       succeed, defer or fail: how probe ends
 *   keeps       nothing, node or device: what it forgets to give back, when
 *               probe does not succeed and in remove; a driver that is right
 *               keeps nothing
 *   hold_probe  probe waits, its references taken, until this is N
 *   hold_queue  asynchronous calls are queued, but none begins, until this is
 *               N: the workqueue that runs them is down to one worker, which
 *               waits. Drivers that are slow to probe do this to a machine
 *               that boots.
 *
 * Nothing is held for longer than HOLD_MAX.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define HOLD_MAX	(20 * HZ)

enum slow_end {
	SLOW_SUCCEED,
	SLOW_DEFER,
	SLOW_FAIL,
};

static const char * const slow_ends[] = {
	[SLOW_SUCCEED]	= "succeed",
	[SLOW_DEFER]	= "defer",
	[SLOW_FAIL]	= "fail",
};

static const int slow_errors[] = {
	[SLOW_SUCCEED]	= 0,
	[SLOW_DEFER]	= -EPROBE_DEFER,
	[SLOW_FAIL]	= -ENODEV,
};

enum slow_keep {
	SLOW_NOTHING,
	SLOW_NODE,
	SLOW_DEVICE,
};

static const char * const slow_keeps[] = {
	[SLOW_NOTHING]	= "nothing",
	[SLOW_NODE]	= "node",
	[SLOW_DEVICE]	= "device",
};

static int probe_end = SLOW_SUCCEED;
static int keeps = SLOW_NOTHING;
static bool hold_probe;
static bool hold_queue;

static DECLARE_WAIT_QUEUE_HEAD(slow_wait);

/* Parameters that are one of some words. */

static int slow_set(const char *val, int *choice, const char * const *words,
		    size_t n)
{
	int i = __sysfs_match_string(words, n, val);

	if (i < 0)
		return i;

	WRITE_ONCE(*choice, i);
	return 0;
}

static int slow_end_set(const char *val, const struct kernel_param *kp)
{
	return slow_set(val, &probe_end, slow_ends, ARRAY_SIZE(slow_ends));
}

static int slow_end_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", slow_ends[READ_ONCE(probe_end)]);
}

static const struct kernel_param_ops slow_end_ops = {
	.set = slow_end_set,
	.get = slow_end_get,
};

static int slow_keeps_set(const char *val, const struct kernel_param *kp)
{
	return slow_set(val, &keeps, slow_keeps, ARRAY_SIZE(slow_keeps));
}

static int slow_keeps_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", slow_keeps[READ_ONCE(keeps)]);
}

static const struct kernel_param_ops slow_keeps_ops = {
	.set = slow_keeps_set,
	.get = slow_keeps_get,
};

module_param_cb(probe, &slow_end_ops, NULL, 0644);
MODULE_PARM_DESC(probe, "succeed (default), defer or fail");
module_param_cb(keeps, &slow_keeps_ops, NULL, 0644);
MODULE_PARM_DESC(keeps, "what is never given back: nothing (default), node or device");

/* Holding probe. */

static int hold_probe_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_bool(val, kp);

	wake_up_all(&slow_wait);
	return ret;
}

static const struct kernel_param_ops hold_probe_ops = {
	.set = hold_probe_set,
	.get = param_get_bool,
};

module_param_cb(hold_probe, &hold_probe_ops, &hold_probe, 0644);
MODULE_PARM_DESC(hold_probe, "probe waits until this is N");

/* Holding the queue that asynchronous calls go through. */

static DEFINE_MUTEX(queue_lock);
static struct workqueue_struct *queue;
static int queue_max_active;
static DECLARE_COMPLETION(queue_begun);

static void slow_occupy(struct work_struct *work)
{
	complete(&queue_begun);
	if (!wait_event_timeout(slow_wait, !READ_ONCE(hold_queue), HOLD_MAX))
		pr_warn("lastref_slow: the queue was held for too long\n");
}

static DECLARE_WORK(queue_work_item, slow_occupy);

/*
 * Linux 6.12 has a queue of its own for them, which no module may name, and
 * 6.1 has not: the kernel is asked for its symbol.
 */
static void slow_find_queue(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);
	struct workqueue_struct **own = NULL;

	if (!register_kprobe(&probe)) {
		lookup = (void *)probe.addr;
		unregister_kprobe(&probe);
		own = (void *)lookup("async_wq");
	}
	queue = own ? *own : system_unbound_wq;
	queue_max_active = own ? WQ_DFL_ACTIVE : WQ_UNBOUND_MAX_ACTIVE;
}

/* Called with queue_lock held. */
static void slow_let_queue_go(void)
{
	WRITE_ONCE(hold_queue, false);
	wake_up_all(&slow_wait);
	flush_work(&queue_work_item);
	workqueue_set_max_active(queue, queue_max_active);
}

static int hold_queue_set(const char *val, const struct kernel_param *kp)
{
	bool hold;
	int ret = kstrtobool(val, &hold);

	if (ret)
		return ret;

	mutex_lock(&queue_lock);
	if (hold && !hold_queue) {
		WRITE_ONCE(hold_queue, true);
		reinit_completion(&queue_begun);
		if (!queue)
			slow_find_queue();
		workqueue_set_max_active(queue, 1);
		queue_work(queue, &queue_work_item);
		if (!wait_for_completion_timeout(&queue_begun, HOLD_MAX)) {
			slow_let_queue_go();
			ret = -EBUSY;
		}
	} else if (!hold && hold_queue) {
		slow_let_queue_go();
	}
	mutex_unlock(&queue_lock);
	return ret;
}

static const struct kernel_param_ops hold_queue_ops = {
	.set = hold_queue_set,
	.get = param_get_bool,
};

module_param_cb(hold_queue, &hold_queue_ops, &hold_queue, 0644);
MODULE_PARM_DESC(hold_queue, "no asynchronous call begins until this is N");

/* The driver. */

static void slow_get(struct platform_device *pdev)
{
	of_node_get(pdev->dev.of_node);
	get_device(&pdev->dev);
}

static void slow_put(struct platform_device *pdev)
{
	if (READ_ONCE(keeps) != SLOW_NODE)
		of_node_put(pdev->dev.of_node);
	if (READ_ONCE(keeps) != SLOW_DEVICE)
		put_device(&pdev->dev);
}

static int slow_probe(struct platform_device *pdev)
{
	int ret;

	slow_get(pdev);
	if (!wait_event_timeout(slow_wait, !READ_ONCE(hold_probe), HOLD_MAX))
		dev_warn(&pdev->dev, "probe was held for too long\n");

	ret = slow_errors[READ_ONCE(probe_end)];
	if (ret)
		slow_put(pdev);
	return ret;
}

static void slow_remove(struct platform_device *pdev)
{
	slow_put(pdev);
}

static const struct of_device_id slow_of_match[] = {
	{ .compatible = "lastref,slow" },
	{ }
};
MODULE_DEVICE_TABLE(of, slow_of_match);

static struct platform_driver slow_driver = {
	.probe = slow_probe,
	.remove_new = slow_remove,
	.driver = {
		.name = "lastref-slow",
		.of_match_table = slow_of_match,
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
};

static int __init slow_init(void)
{
	return platform_driver_register(&slow_driver);
}
module_init(slow_init);

static void __exit slow_exit(void)
{
	platform_driver_unregister(&slow_driver);
	mutex_lock(&queue_lock);
	if (hold_queue)
		slow_let_queue_go();
	mutex_unlock(&queue_lock);
}
module_exit(slow_exit);

MODULE_DESCRIPTION("Lastref: a driver that probes asynchronously and waits when told");
MODULE_LICENSE("GPL");
