#define _GNU_SOURCE
#include "CLinux.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int epoll_new(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int watch(int epoll, int descriptor, uint32_t events, uint64_t tag) {
  struct epoll_event event = {.events = events, .data = {.u64 = tag}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int epoll_watch_readable(int epoll, int descriptor, uint64_t tag) { return watch(epoll, descriptor, EPOLLIN, tag); }

int epoll_watch_writable(int epoll, int descriptor, uint64_t tag) { return watch(epoll, descriptor, EPOLLOUT, tag); }

int epoll_forget(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int epoll_tags(int epoll, uint64_t *tags, int capacity, int timeout_milliseconds) {
  struct epoll_event events[EPOLL_MOST];
  int most = capacity < EPOLL_MOST ? capacity : EPOLL_MOST;
  int count = epoll_wait(epoll, events, most, timeout_milliseconds);
  for (int index = 0; index < count; index++) tags[index] = events[index].data.u64;
  return count;
}

int eventfd_new(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void eventfd_ring(int descriptor) { (void)eventfd_write(descriptor, 1); }

void eventfd_quiet(int descriptor) {
  eventfd_t count;
  (void)eventfd_read(descriptor, &count);
}

int socket_peer_user(int descriptor, uint32_t *user) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
  *user = peer.uid;
  return 0;
}
