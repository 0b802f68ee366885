/*
 * The least work that a server on epoll can do, as a measure of the kernel's cost: N threads, each with its own
 * SO_REUSEPORT listener and level-triggered epoll set. It reads until a blank line and responds with one send of
 * prepared bytes. It has no parser, no authentication, no limits, no time-outs: do not use it as a server.
 *
 *     minimal_server PORT THREADS RESPONSE_FILE      (the file holds head and body)
 *
 * It keeps no state of a connection: a request that arrives in two reads gets no response. The clients here send
 * each request in one piece.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS = 256, READ_BYTES = 65536 };

static char *response;
static size_t response_bytes;
static int port;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int listener(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    if (descriptor < 0) fail("socket");
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    if (listen(descriptor, 4096) < 0) fail("listen");
    return descriptor;
}

static void watch(int set, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

static void accept_all(int set, int from) {
    int yes = 1, descriptor;
    while ((descriptor = accept4(from, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        watch(set, descriptor);
    }
}

/* Responds to each blank line of a read; closes at the end, on an error, on a short send, or on request. */
static void respond(int descriptor, char *buffer) {
    ssize_t length = recv(descriptor, buffer, READ_BYTES, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) {
        close(descriptor);
        return;
    }
    char *place = buffer, *end;
    int closes = memmem(buffer, length, "Connection: close", 17) != NULL;
    while ((end = memmem(place, buffer + length - place, "\r\n\r\n", 4))) {
        place = end + 4;
        if (send(descriptor, response, response_bytes, MSG_NOSIGNAL) != (ssize_t)response_bytes) closes = 1;
    }
    if (closes) close(descriptor);
}

static void *loop(void *unused) {
    (void)unused;
    static __thread char buffer[READ_BYTES];
    struct epoll_event events[EVENTS];
    int set = epoll_create1(EPOLL_CLOEXEC), from = listener();
    if (set < 0) fail("epoll_create1");
    watch(set, from);
    for (;;) {
        int count = epoll_wait(set, events, EVENTS, -1);
        for (int index = 0; index < count; index++) {
            if (events[index].data.fd == from) accept_all(set, from);
            else respond(events[index].data.fd, buffer);
        }
    }
    return NULL;
}

static void read_response(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0) fail(path);
    response_bytes = status.st_size;
    response = malloc(response_bytes);
    if (!response || read(file, response, response_bytes) != (ssize_t)response_bytes) fail(path);
    close(file);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: minimal_server PORT THREADS RESPONSE_FILE\n");
        return 2;
    }
    port = atoi(arguments[1]);
    read_response(arguments[3]);
    int threads = atoi(arguments[2]);
    pthread_t thread;
    for (int index = 1; index < threads; index++)
        if (pthread_create(&thread, NULL, loop, NULL)) fail("pthread_create");
    loop(NULL);
}
