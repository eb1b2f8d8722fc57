/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef LASTREF_OVERLAY_H
#define LASTREF_OVERLAY_H

#include <linux/ioctl.h>

/* Of an open file: removes the overlay that was written to it. */
#define LRO_REMOVE	_IO('l', 0x40)

#endif
