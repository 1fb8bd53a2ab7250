# SPDX-License-Identifier: Apache-2.0
# Completion of picket for bash: commands, options, their values, and behind "--" a command of the
# system. Needs nothing but bash; with the package bash-completion a command's own arguments are
# completed as well.
# shellcheck shell=bash disable=SC2207 # the words completed have no blanks

_picket_events="all process file network mounts privileges kernel memory exec fork exit open rename unlink link symlink mkdir rmdir \
mknod chmod chown truncate setxattr removexattr ioctl connect bind listen accept send dup mount umount \
move_mount open_tree fsmount fsconfig mount_setattr pivot_root chroot setuid setgid capset ptrace kill setns \
unshare userns_create keyctl prctl set_name seccomp module kexec bpf perf_event_open io_uring userfaultfd memfd_create \
socket request_module personality syslog sysinfo clock_settime delete_module mmap mprotect start lost repeats stop"

# Completes the last of words separated by commas; words already given are not offered again.
_picket_list() {
	local current=$1 before='' word
	if [[ $current == *,* ]]; then
		before=${current%,*},
	fi
	for word in $_picket_events; do
		if [[ ,$before != *,"$word",* ]]; then
			COMPREPLY+=($(compgen -W "$before$word" -- "$current"))
		fi
	done
	compopt -o nospace 2>/dev/null
	return 0
}

# Values of the option $1 of the command $3, of which $2 is there. Status 1: it takes none that are
# known.
_picket_value() {
	case $1 in
	-o | --output) COMPREPLY=($(compgen -W "text json" -- "$2")) ;;
	--color) COMPREPLY=($(compgen -W "auto always never" -- "$2")) ;;
	--backend)
		if [[ $3 == run ]]; then
			COMPREPLY=($(compgen -W "auto lsm tracepoint" -- "$2"))
		else
			COMPREPLY=($(compgen -W "lsm tracepoint" -- "$2"))
		fi
		;;
	--enforce) COMPREPLY=($(compgen -W "can_deny can_kill deny_with_care kill_with_care escape" -- "$2")) ;;
	--degrade) COMPREPLY=($(compgen -W "deny=kill" -- "$2")) ;;
	-R | --rule) ;; # a name from the files: not known here
	--k8s | --k8s-api | --k8s-kubelet | --health) ;; # names of this cluster and host: not known here
	--ring) COMPREPLY=($(compgen -W "8 16 32 64 128" -- "$2")) ;;
	--events | --exclude) _picket_list "$2" ;;
	--record | -r | --rules | --hook-socket | --socket | --k8s-ca | --k8s-token | --k8s-kubelet-ca)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		;;
	*) return 1 ;;
	esac
}

# Behind "picket run --": as if the command stood alone.
_picket_command() {
	local start=$1
	if declare -F _command_offset >/dev/null; then
		_command_offset "$start"
	elif [[ $COMP_CWORD -eq $start ]]; then
		mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
	else
		compopt -o default 2>/dev/null
	fi
}

# Index of the command's first word behind "run", 0 if it has not begun.
_picket_command_start() {
	local i
	for ((i = 2; i <= COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--)
			[[ $i -lt $COMP_CWORD ]] || break
			echo $((i + 1))
			return
			;;
		-o | --output | --color | --backend | --ring | --events | --exclude | --record | -r | --rules | \
			--degrade | --enforce | --health | --hook-socket | --k8s | --k8s-api | --k8s-ca | --k8s-token | --k8s-kubelet | --k8s-kubelet-ca)
			# bash cuts words at "=": --option = value, deny = kill, escape = kill
			[[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))
			((i++))
			[[ ${COMP_WORDS[i + 1]} != = ]] || ((i += 2))
			;;
		-* | = | '') ;;
		*)
			echo "$i"
			return
			;;
		esac
	done
	echo 0
}

# Long options of the command $1. Status 1: there is no such command.
_picket_options() {
	local common="--help --usage --version" plan="--backend --degrade --enforce --i-know"
	local k8s="--k8s --k8s-api --k8s-ca --k8s-token --k8s-kubelet --k8s-kubelet-ca"
	case $1 in
	run) echo "$common $plan $k8s --output --color --events --exclude --record --ring --rules --health --hook-socket --no-containers --" ;;
	check) echo "$common $plan" ;;
	explain) echo "$common $plan --output --rule" ;;
	test) echo "$common $plan --quiet" ;;
	replay) echo "$common $plan --output --color --events --exclude --rules" ;;
	doctor) echo "$common $k8s --output --color" ;;
	import) echo "$common" ;;
	oci-hook) echo "$common --socket --strict" ;;
	*) return 1 ;;
	esac
}

_picket() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options start
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		options="run check explain test replay import doctor oci-hook --help --version"
		COMPREPLY=($(compgen -W "$options" -- "$current"))
		return
	fi
	if [[ ${COMP_WORDS[1]} == run ]]; then
		start=$(_picket_command_start)
		if [[ $start -gt 0 ]]; then
			_picket_command "$start"
			return
		fi
	fi
	if [[ $before == = && $COMP_CWORD -gt 2 ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $current == = ]]; then
		current=''
	fi
	options=$(_picket_options "${COMP_WORDS[1]}") || return
	_picket_value "$before" "$current" "${COMP_WORDS[1]}" && return
	if [[ ${COMP_WORDS[1]} == import && $COMP_CWORD -eq 2 && $current != -* ]]; then
		COMPREPLY=($(compgen -W "tetragon" -- "$current"))
		return
	fi
	case ${COMP_WORDS[1]} in
	check | explain | test | replay | import)
		if [[ $current != -* ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			return
		fi
		;;
	esac
	COMPREPLY=($(compgen -W "$options" -- "$current"))
}

complete -F _picket picket
