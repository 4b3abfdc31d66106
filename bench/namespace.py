"""A network of the runner's own, so that nothing else is in the way and nothing is changed."""
import fcntl
import os
import resource
import shutil
import socket
import struct
import subprocess
import sys

INSIDE = 'PROTOLAB_BENCH_NAMESPACE'
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

SETTINGS = {
    'net/ipv4/tcp_congestion_control': 'reno',  # bbr paces, on loopback too
    'net/ipv4/ip_local_port_range': '1024 65535',
}


def enter():
    """Starts this program again in a namespace, where that is possible; returns where not."""
    flags = '-n' if os.geteuid() == 0 else '-rn'
    if INSIDE in os.environ or shutil.which('unshare') is None:
        return
    if subprocess.run(['unshare', flags, 'true'], stderr=subprocess.DEVNULL).returncode != 0:
        return
    os.environ[INSIDE] = 'yes'
    os.execvp('unshare', ['unshare', flags, sys.executable, *sys.argv])


def prepare():
    """Returns what the network is like, in words."""
    allow_descriptors()
    if INSIDE not in os.environ:
        return ['no network namespace of its own: the settings are the machine\'s',
                *map(setting, SETTINGS)]
    raise_loopback()
    for name, value in SETTINGS.items():
        try:
            with open('/proc/sys/' + name, 'w') as file:
                file.write(value)
        except OSError:
            pass  # What it is then is said below.
    return ['own network namespace', *map(setting, SETTINGS)]


def setting(name):
    with open('/proc/sys/' + name) as file:
        return '%s %s' % (os.path.basename(name), ' '.join(file.read().split()))


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack('16sh14x', b'lo', 0))
        flags = struct.unpack('16sh14x', answer)[1] | IFF_UP
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', flags))


def allow_descriptors():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
