/*
 * A load generator for what wrk cannot do: requests at a constant rate, whatever the server does (open loop),
 * with the latency counted from the moment at which a request was due; or connections that are opened, used once
 * and closed.
 *
 *     paced_client rate  PORT REQUEST_FILE THREADS CONNECTIONS SECONDS REQUESTS_PER_SECOND
 *     paced_client churn PORT REQUEST_FILE THREADS CONNECTIONS SECONDS
 *     paced_client count PORT REQUEST_FILE THREADS CONNECTIONS REQUESTS
 *
 * Connections, requests and the rate are the totals of all threads.
 *
 * `rate`: a request that is due while all connections are busy waits for one, and its latency continues to
 * count, so that a server that stalls cannot hide it ("coordinated omission"). The client sleeps between
 * requests with the kernel's default timer slack (50 us), which is part of the measured latency; busy polling
 * would take the server's core. The second latency excludes the client's own waits for a core: it counts from
 * the send to the response's arrival at the client's socket, by the kernel's time stamp. A stall of the server
 * shows in at most as many of these as there are connections.
 * `churn`: the request must ask for `Connection: close`; CONNECTIONS are open at any time; one latency covers
 * connect, request, response and the server's close. A refused or cut connection counts as an error, and another
 * one is opened.
 * `count`: exactly REQUESTS requests, one at a time on each connection, to count the cost of one request.
 *
 * Prints one line of JSON: requests, seconds, rate, p50/p99/p999/max in ms, errors, the largest lag of the
 * client itself (ms between the moment at which a request was due, with a connection free, and its send), and,
 * for `rate`, arrival_p99: from send to arrival.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, READ_BYTES = 65536, HEAD_BYTES = 4096 };

typedef struct {
    int descriptor;
    int64_t due;       /* ns; of the request in flight */
    int64_t sent;      /* ns of the clock of time stamps */
    int64_t body_left; /* -1 while the head is incomplete */
    int busy, head_bytes;
    char head[HEAD_BYTES];
} Connection;

/* Microseconds. */
typedef struct {
    uint32_t *values;
    size_t count, room;
} Sample;

/* The latencies and the errors. */
typedef struct {
    Sample latencies, arrivals;
    int64_t largest_lag;
    uint64_t errors;
} Result;

/* The command line; the same for all threads. */
static enum { RATE, CHURN, COUNT } mode;
static int port, threads;
static char *request;
static size_t request_bytes;
static double seconds, rate;
static int64_t total;

/* Variables of each thread. */
static __thread int connection_count, set;
static __thread Connection *connections;
static __thread int *idle, idle_first, idle_count; /* a ring of free connections, so that all are used in turn */
static __thread int64_t to_start;
static __thread Result result;
static __thread char buffer[READ_BYTES];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* The clock of the kernel's time stamps. */
static int64_t stamp_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void note_in(Sample *sample, int64_t latency) {
    if (sample->count == sample->room) {
        sample->room = sample->room ? sample->room * 2 : 1 << 16;
        sample->values = realloc(sample->values, sample->room * sizeof *sample->values);
        if (!sample->values) fail("realloc");
    }
    sample->values[sample->count++] = latency < 0 ? 0 : latency / 1000;
}

static void note(int64_t latency) { note_in(&result.latencies, latency); }

static void add_idle(const Connection *connection) {
    idle[(idle_first + idle_count++) % connection_count] = connection - connections;
}

static Connection *take_idle(void) {
    Connection *connection = &connections[idle[idle_first]];
    idle_first = (idle_first + 1) % connection_count;
    idle_count--;
    return connection;
}

static void watch(Connection *connection, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(set, operation, connection->descriptor, &event) < 0) fail("epoll_ctl");
}

/* False when the connection is not established yet. */
static int start(Connection *connection, int64_t due) {
    connection->due = due;
    connection->body_left = -1;
    connection->head_bytes = 0;
    if (mode == RATE) connection->sent = stamp_now();
    ssize_t sent = send(connection->descriptor, request, request_bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return 0;
    connection->busy = 1;
    if (sent != (ssize_t)request_bytes) result.errors++;
    return 1;
}

/* In churn the request is sent along, which nearly always works at once on loopback. */
static void open_connection(Connection *connection) {
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int64_t from = now();
    connection->busy = 0;
    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->descriptor < 0) fail("socket");
    if (mode != CHURN) setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (mode == RATE) setsockopt(connection->descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("connect");
    int waits = mode == CHURN && !start(connection, from);
    watch(connection, EPOLL_CTL_ADD, waits ? EPOLLOUT : EPOLLIN);
}

static void reopen(Connection *connection) {
    close(connection->descriptor);
    open_connection(connection);
}

/* Reads the response's bytes; true when it is complete. Only a 200 with a Content-Length counts. */
static int complete(Connection *connection, const char *bytes, size_t length) {
    if (connection->body_left < 0) {
        size_t room = HEAD_BYTES - 1 - connection->head_bytes, taken = length < room ? length : room;
        memcpy(connection->head + connection->head_bytes, bytes, taken);
        connection->head[connection->head_bytes + taken] = 0;
        char *end = strstr(connection->head, "\r\n\r\n"), *field;
        if (!end) {
            connection->head_bytes += taken;
            if (connection->head_bytes == HEAD_BYTES - 1) result.errors++;
            return 0;
        }
        end[2] = 0;
        if (strncmp(connection->head, "HTTP/1.1 200", 12)) result.errors++;
        field = strcasestr(connection->head, "\r\ncontent-length:");
        connection->body_left = field ? atoll(field + 17) : 0;
        size_t used = end + 4 - connection->head - connection->head_bytes;
        length -= used;
    }
    connection->body_left -= length;
    if (connection->body_left < 0) result.errors++;
    return connection->body_left <= 0;
}

static void finished(Connection *connection) {
    int64_t time = now();
    note(time - connection->due);
    connection->busy = 0;
    if (mode == COUNT) {
        if (to_start-- > 0) start(connection, time);
    } else add_idle(connection);
}

/* Like recv; sets `arrived` to the arrival of the last byte, or 0 without a time stamp. */
static ssize_t receive(const Connection *connection, int64_t *arrived) {
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr alignment;
    } control;
    struct iovec piece = {.iov_base = buffer, .iov_len = READ_BYTES};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *arrived = 0;
    ssize_t length = recvmsg(connection->descriptor, &message, 0);
    struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SO_TIMESTAMPNS) {
        struct timespec time;
        memcpy(&time, CMSG_DATA(header), sizeof time);
        *arrived = time.tv_sec * 1000000000LL + time.tv_nsec;
    }
    return length;
}

static void readable(Connection *connection) {
    for (;;) {
        int64_t arrived;
        ssize_t length = receive(connection, &arrived);
        if (length < 0 && errno == EAGAIN) return;
        if (length <= 0) {
            /* In churn the server's close ends the exchange; it must come after the complete response. */
            if (mode == CHURN && length == 0 && connection->body_left == 0) note(now() - connection->due);
            else result.errors++;
            int was_idle = !connection->busy;
            reopen(connection);
            if (mode == RATE && !was_idle) add_idle(connection);
            if (mode == COUNT) start(connection, now());
            return;
        }
        if (complete(connection, buffer, length) && mode != CHURN) {
            if (mode == RATE && arrived) note_in(&result.arrivals, arrived - connection->sent);
            finished(connection);
            return;
        }
        if (mode != CHURN && length < READ_BYTES) return;
    }
}

static void writable(Connection *connection) {
    watch(connection, EPOLL_CTL_MOD, EPOLLIN);
    start(connection, connection->due);
}

static void turn(int64_t wait) {
    struct epoll_event events[EVENTS];
    struct timespec timeout = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
    int count = epoll_pwait2(set, events, EVENTS, wait < 0 ? NULL : &timeout, NULL);
    for (int index = 0; index < count; index++) {
        Connection *connection = events[index].data.ptr;
        if (!connection->busy && events[index].events & EPOLLOUT) writable(connection);
        else readable(connection);
    }
}

static void run_rate(void) {
    int64_t from = now(), sent = 0, wanted = seconds * rate / threads;
    double interval = 1e9 * threads / rate;
    while (sent < wanted) {
        int64_t time = now(), due = from + (int64_t)(sent * interval);
        while (sent < wanted && due <= time && idle_count) {
            start(take_idle(), due);
            if (time - due > result.largest_lag) result.largest_lag = time - due;
            due = from + (int64_t)(++sent * interval);
        }
        int64_t wait = due - now();
        turn(idle_count ? (wait < 0 ? 0 : wait) : 1000000000);
    }
    int64_t end = now() + 2000000000;
    while (idle_count < connection_count && now() < end) turn(10000000);
}

static void run_churn(void) {
    int64_t end = now() + (int64_t)(seconds * 1e9);
    while (now() < end) turn(10000000);
}

static void run_count(void) {
    int64_t wanted = total / threads;
    to_start = wanted;
    for (int index = 0; index < connection_count && to_start-- > 0; index++) start(&connections[index], now());
    while ((int64_t)result.latencies.count < wanted) turn(1000000000);
}

static void open_all(void) {
    set = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc(connection_count, sizeof *connections);
    idle = calloc(connection_count, sizeof *idle);
    if (set < 0 || !connections || !idle) fail("set up");
    for (int index = 0; index < connection_count; index++) {
        open_connection(&connections[index]);
        if (mode != CHURN) add_idle(&connections[index]);
    }
    if (mode != CHURN) usleep(200000); /* gives the server time to accept them all */
}

static void *run(void *place) {
    connection_count = *(int *)place;
    open_all();
    if (mode == RATE) run_rate();
    else if (mode == CHURN) run_churn();
    else run_count();
    Result *made = malloc(sizeof *made);
    if (!made) fail("malloc");
    *made = result;
    return made;
}

static void add_sample(Sample *sum, const Sample *part) {
    sum->values = realloc(sum->values, (sum->count + part->count + 1) * sizeof *sum->values);
    if (!sum->values) fail("realloc");
    if (part->count) memcpy(sum->values + sum->count, part->values, part->count * sizeof *part->values);
    sum->count += part->count;
}

static void add(Result *sum, const Result *part) {
    add_sample(&sum->latencies, &part->latencies);
    add_sample(&sum->arrivals, &part->arrivals);
    sum->errors += part->errors;
    if (part->largest_lag > sum->largest_lag) sum->largest_lag = part->largest_lag;
}

static int ascending(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static double quantile(const Sample *of, double part) {
    if (!of->count) return 0;
    size_t place = part * of->count;
    return of->values[place < of->count ? place : of->count - 1] / 1000.0;
}

static void sort(Sample *sample) { qsort(sample->values, sample->count, sizeof *sample->values, ascending); }

static void print(Result *sum, double elapsed) {
    const Sample *of = &sum->latencies;
    sort(&sum->latencies);
    sort(&sum->arrivals);
    printf("{\"requests\":%zu,\"seconds\":%.3f,\"rate\":%.1f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,"
           "\"errors\":%lu,\"largest_lag\":%.3f,\"arrival_p99\":%.3f}\n",
           of->count, elapsed, of->count / elapsed, quantile(of, 0.5), quantile(of, 0.99), quantile(of, 0.999),
           quantile(of, 1), sum->errors, sum->largest_lag / 1e6, quantile(&sum->arrivals, 0.99));
}

static void read_request(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    request = malloc(READ_BYTES);
    ssize_t length = file < 0 || !request ? -1 : read(file, request, READ_BYTES);
    if (length <= 0) fail(path);
    request_bytes = length;
    close(file);
}

int main(int count, char **arguments) {
    const char *modes[] = {"rate", "churn", "count"};
    const int wanted[] = {8, 7, 7};
    for (mode = RATE; mode <= COUNT && (count < 2 || strcmp(arguments[1], modes[mode])); mode++) {}
    if (mode > COUNT || count != wanted[mode]) {
        fprintf(stderr, "usage: see the comment on top of paced_client.c\n");
        return 2;
    }
    port = atoi(arguments[2]);
    read_request(arguments[3]);
    threads = atoi(arguments[4]);
    int each = atoi(arguments[5]) / threads;
    seconds = atof(arguments[6]);
    total = atoll(arguments[6]);
    if (mode == RATE) rate = atof(arguments[7]);
    pthread_t started[threads];
    int64_t from = now();
    for (int index = 0; index < threads; index++)
        if (pthread_create(&started[index], NULL, run, &each)) fail("pthread_create");
    Result sum = {0};
    for (int index = 0; index < threads; index++) {
        void *part;
        pthread_join(started[index], &part);
        add(&sum, part);
    }
    print(&sum, mode == COUNT ? (now() - from) / 1e9 : seconds);
}
