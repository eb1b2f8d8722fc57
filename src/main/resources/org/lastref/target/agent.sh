# Lastref's part on the board, for any POSIX shell with busybox's or GNU tools.
# usage: sh agent.sh VERB ARGUMENT...
# What it prints is read by org.lastref.target; what it does is in the trace itself, as markers.
T=/sys/kernel/tracing
O=/sys/kernel/config/device-tree/overlays
D=/tmp/lastref
umask 077

fail() {
	echo "agent: $*"
	exit 1
}

# mark TEXT: one line in the trace.
mark() { echo "lastref: $*" >$T/trace_marker; }

# pending: are there links that were released but have not let go yet? Where kobjects are released
# late, are there any such? What has ended is read first, so that nothing can begin unseen between.
pending() {
	read -r before <$D/before
	awk -v "open=$before" '
		NR == FNR { if ($1 ~ /^(work|callback|kobject_cleanup)_end$/) open -= $2; next }
		$1 == "link_release" || $1 == "kobject_release" { open += $2 }
		END { exit open <= 0 }' $T/kprobe_profile $T/kprobe_profile
}

# quiet: has nobody let go of anything for a hundred looks? How a kernel of one's own lets go is not
# known, so that what it released and what it let go of need not add up.
quiet() {
	[ -e $D/own ] || return 1
	now=$(awk '$1 ~ /_release$|_end$/ { n += $2 } END { print n + 0 }' $T/kprobe_profile)
	[ "$now" = "$last" ] && same=$((same + 1)) || same=0
	last=$now
	[ $same -ge 100 ]
}

# delayed: does this kernel release kobjects late?
delayed() { [ -d $T/events/lastref/kobject_cleanup ]; }

# rest: waits for the late releases of before the probes were set, which were not counted when they
# were put off, but are when they end. None is put off by more than 4 s, so after 5 s without any
# there is none.
rest() {
	tries=1000
	same=0
	while [ $same -lt 50 ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "kobjects were released all the time for over 100 s"
		sleep 0.1
		now=$(awk '/^ *kobject_/ { print $2 }' $T/kprobe_profile)
		[ "$now" = "${last-}" ] && same=$((same + 1)) || same=0
		last=$now
	done
	awk '$1 == "kobject_cleanup_end" { ended += $2 }
		$1 == "kobject_release" { begun += $2 }
		END { print ended - begun }' $T/kprobe_profile >$D/before
}

# Each step prints nothing and leaves what came of it in $result, a word or more.
step_apply() {
	result=$(mkdir $O/$1 2>&1) || { result="refused ${result##*: }"; return; }
	cat $D/$1.dtbo >$O/$1/dtbo 2>/dev/null
	result=$(cat $O/$1/status)
}

step_remove() {
	if result=$(rmdir $O/$1 2>&1); then
		result=removed
	else
		result="refused ${result##*: }"
	fi
}

# load MODULE,PARAMETER=VALUE...
step_load() {
	module=${1%%,*}
	parameters=
	[ "$module" = "$1" ] || parameters=$(echo "${1#*,}" | tr , ' ')
	# shellcheck disable=SC2086  # a word a parameter
	if result=$(insmod $D/$module.ko $parameters 2>&1); then
		result=loaded
	else
		result="refused ${result##*: }"
	fi
}

step_unload() {
	if result=$(rmmod $1 2>&1); then
		result=unloaded
	else
		result="refused ${result##*: }"
	fi
}

# set MODULE/PARAMETER=VALUE
step_set() {
	file=/sys/module/${1%%/*}/parameters/${1#*/}
	if result=$({ echo "${1#*=}" >${file%%=*}; } 2>&1); then
		result=set
	else
		result="refused ${result##*: }"
	fi
}

# bind BUS/DRIVER/DEVICE, unbind BUS/DEVICE
step_bind() {
	device=${1##*/}
	driver=${1#*/}
	if result=$({ echo $device >/sys/bus/${1%%/*}/drivers/${driver%/*}/bind; } 2>&1); then
		result=bound
	else
		result="refused ${result##*: }"
	fi
}

# Written by this very shell: by its task the trace tells who unbinds.
step_unbind() {
	result=unbound
	{ echo ${1#*/} >/sys/bus/${1%%/*}/devices/${1#*/}/driver/unbind; } 2>$D/refusal ||
		result="refused $(sed 's/.*: //' $D/refusal)"
}

# Does the kernel prove its locking? It stops with the first thing that it finds.
step_lockdep() {
	result=$(awk '$1 == "debug_locks:" && $2 { print "on" }' /proc/lockdep_stats)
	[ -n "$result" ] || result="off: it found something, and finds no more before a reboot"
}

# listen: what the kernel tells user space of parents of mediated devices is marked in the trace,
# with the number of types that are there by then; waits two seconds until somebody listens.
step_listen() {
	step_ignore
	: >$D/heard
	uevent sh $D/agent.sh heard </dev/null >/dev/null 2>&1 &
	listener=$!
	tries=200
	until awk -v "pid=$listener" '$2 == 15 && $3 == pid { found = 1 } END { exit !found }' /proc/net/netlink; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { result=deaf; return; }
		sleep 0.01
	done
	echo $listener >$D/listener
	result=listening
}

step_ignore() {
	[ ! -e $D/listener ] || kill "$(cat $D/listener)" 2>/dev/null
	rm -f $D/listener
	result=ignoring
}

# heard COUNT: user space was told so often; waits five seconds for it.
step_heard() {
	tries=500
	until [ "$(wc -l <$D/heard)" -ge $1 ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { result="unheard, only $(wc -l <$D/heard)"; return; }
		sleep 0.01
	done
	result=heard
}

# child PARENT/TYPE: a mediated device with a name of its own
step_child() {
	file=/sys/class/mdev_bus/${1%%/*}/mdev_supported_types/${1#*/}/create
	if result=$({ cat /proc/sys/kernel/random/uuid >$file; } 2>&1); then
		result=created
	else
		result="refused ${result##*: }"
	fi
}

# start VERB=ARGUMENT: does that step while the next ones are done, until finish VERB=ARGUMENT, which
# waits thirty seconds for its end and has its result.
step_start() {
	rm -f $D/${1%%=*}.result
	{
		step_${1%%=*} "${1#*=}"
		echo "$result" >$D/${1%%=*}.ended
		mv $D/${1%%=*}.ended $D/${1%%=*}.result
	} </dev/null >/dev/null 2>&1 &
	result=started
}

step_finish() {
	tries=3000
	until [ -e $D/${1%%=*}.result ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { result=running; return; }
		sleep 0.01
	done
	read -r result <$D/${1%%=*}.result
}

# until EVENT: a probe was hit since the steps began, whatever its filter; waits ten seconds for it.
step_until() {
	tries=1000
	until awk -v "event=$1" '$1 == event { hits = $2 - hits } END { exit hits <= 0 }' \
		$D/profile $T/kprobe_profile; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { result=unseen; return; }
		sleep 0.01
	done
	result=seen
}

# The devices named, with commas between them, have a driver; waits two seconds for it. Each is
# BUS/DEVICE, or a platform device.
step_bound() {
	tries=200
	for device in $(echo "$1" | tr , ' '); do
		case $device in
		*/*) bus=${device%%/*} ;;
		*) bus=platform ;;
		esac
		until [ -e "/sys/bus/$bus/devices/${device#*/}/driver" ]; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || { result="unbound $device"; return; }
			sleep 0.01
		done
	done
	result=bound
}

# Every device link that was released let go of its devices; waits five seconds for it, or sixty if
# one late release leads to another.
step_settle() {
	tries=500
	pause=0.01
	if delayed; then
		tries=600
		pause=0.1
	fi
	last=
	same=0
	result=settled
	while pending; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { result=pending; return; }
		sleep $pause
		! quiet || { result="settled quietly"; return; }
	done
}

# heard: is called by busybox's uevent for each event of the kernel's, which is in the environment.
heard() {
	[ -n "${MDEV_STATE-}" ] || exit 0
	found=$(ls "/sys$DEVPATH/mdev_supported_types" 2>/dev/null | wc -l)
	mark "heard seqnum=$SEQNUM state=$MDEV_STATE types=$found"
	echo "$SEQNUM" >>$D/heard
}

# reset: empties the trace buffer. Takes some grace periods of RCU, so it is not done each time.
reset() {
	echo >$T/trace
	rm -f $D/dirty
}

# steps STEP...: VERB=ARGUMENT each; prints a line each and then the trace, packed.
steps() {
	echo 0 >$T/tracing_on
	[ ! -e $D/dirty ] || reset
	: >$D/dirty
	cat $T/kprobe_profile >$D/profile
	echo 1 >$T/tracing_on
	for step; do
		verb=${step%%=*}
		mark "begin $step"
		step_$verb "${step#*=}"
		mark "end $step $result"
		echo "step $step $result"
	done
	mark last
	echo 0 >$T/tracing_on
	lost=$(awk -F ': *' '
		FILENAME ~ /kprobe_profile/ { split($0, hit, " "); if (hit[3] != 0) print "# missed", $0 }
		/overrun|dropped/ && $2 != 0 { print "# lost", FILENAME, $0 }
	' $T/kprobe_profile $T/per_cpu/cpu*/stats)
	# Reading the pipe leaves the buffer empty, but it has no end: the last mark is it.
	{
		sed '/: lastref: last$/q' $T/trace_pipe
		[ -z "$lost" ] || echo "$lost"
		echo "# end"
	} | gzip -1 | base64 -w 0
	echo
	[ -n "$lost" ] || rm -f $D/dirty
}

# arm [own]: sets the probes in $D/probes up: a line each, event, filter and definition, a tab between,
# - for none.
arm() {
	rm -f $D/own
	[ -z "${1-}" ] || : >$D/own
	echo 0 >$T/tracing_on
	echo 0 >$T/events/enable
	echo >$T/kprobe_events
	echo local >$T/trace_clock
	echo 2048 >$T/buffer_size_kb
	reset
	tab=$(printf '\t')
	while IFS=$tab read -r event filter definition; do
		if [ "$definition" != - ]; then
			echo "$definition" >>$T/kprobe_events ||
				fail "this kernel takes no probe: $definition"
		fi
		[ "$filter" = - ] || echo "$filter" >$T/events/$event/filter ||
			fail "this kernel takes no filter for $event: $filter"
		echo 1 >$T/events/$event/enable || fail "this kernel has no event $event"
	done <$D/probes
	echo 0 >$D/before
	! delayed || rest
	echo armed
}

# watch NODES DEVICES: the filters of the reference events.
watch() {
	for operation in get put; do
		echo "$1" >$T/events/lastref/node_$operation/filter || fail "this kernel takes no filter: $1"
		echo "$2" >$T/events/lastref/device_$operation/filter || fail "this kernel takes no filter: $2"
	done
}

# bare OVERLAY COUNT: seconds for so many cycles of nothing but mkdir, cat and rmdir, unwatched.
bare() {
	echo 0 >$T/events/enable
	read -r from rest </proc/uptime
	left=$2
	while [ $left -gt 0 ]; do
		mkdir $O/$1
		cat $D/$1.dtbo >$O/$1/dtbo
		rmdir $O/$1
		left=$((left - 1))
	done
	read -r to rest </proc/uptime
	awk "BEGIN { print $to - $from }"
	echo 1 >$T/events/lastref/enable
	echo 1 >$T/events/printk/console/enable
}

# idle: what an interrupted case left behind: overlays, our modules, our processes.
idle() {
	ls $O
	awk '/^lastref_/ { print $1 }' /proc/modules 2>/dev/null
	for process in /proc/[0-9]*; do
		[ "${process#/proc/}" = $$ ] || tr '\0' ' ' <$process/cmdline 2>/dev/null | grep -F "sh $D/agent.sh"
	done
	true
}

# policy RELEASE FIX HOLDOFF
policy() {
	P=/sys/module/device_link/parameters
	echo "$1" >$P/release && echo "$2" >$P/fix &&
		echo "$3" >/sys/module/srcutree/parameters/exp_holdoff || fail "this kernel has no such policy"
	echo "$(cat $P/release) $(cat $P/fix) $(cat /sys/module/srcutree/parameters/exp_holdoff)"
}

# grace HOLDOFF: of a kernel that has no policies to choose
grace() {
	echo "$1" >/sys/module/srcutree/parameters/exp_holdoff || fail "this kernel has no such timing"
	cat /sys/module/srcutree/parameters/exp_holdoff
}

verb=$1
shift
case $verb in
	steps | arm | watch | policy | bare | grace | idle | heard) "$verb" "$@" ;;
	*) fail "unknown verb" ;;
esac
