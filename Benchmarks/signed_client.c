/*
 * Partners that POST signed fixes in a closed loop. Every request is made and signed beforehand, and sent once.
 *
 *     signed_client PORT FLEET SECRET FIXES_PER_POST CONNECTIONS SECONDS POSTS VEHICLES FIRST_MS
 *
 * SECRET is a `whsec_...`. At most POSTS requests are made; a run that uses them up ends early. Fix number n is
 * of vehicle `van-(n modulo VEHICLES)`, FIRST_MS + n / VEHICLES milliseconds after 1970, so that no two are the
 * same. One thread, one epoll set; each connection has one request in flight.
 *
 * Prints one line of JSON: posts and fixes that got a 202, seconds, p50/p99 of the 202 in ms, errors (another
 * status, or a connection that ended), whether it used up its requests, and its own CPU time.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, ANSWER_BYTES = 65536, FIX_BYTES = 192 };

typedef struct {
    int descriptor;
    size_t sent, length; /* of the request in flight */
    const char *request;
    int64_t began;
    int response_bytes;
    char response[4096];
} Connection;

static const char *fleet;
static unsigned char key[64];
static int key_bytes, port, fixes_per_post, vehicles, epoll_set;
static int64_t posts, next_post, first_ms, accepted, errors;
static char **requests;
static uint32_t *lengths, *latencies;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int append_fix(char *out, int64_t number) {
    int64_t ms = first_ms + number / vehicles;
    time_t whole = ms / 1000;
    struct tm parts;
    gmtime_r(&whole, &parts);
    return sprintf(out,
        "{\"vehicle_id\":\"van-%d\",\"recorded_at\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\",\"lat\":%.6f,\"lng\":%.6f,"
        "\"speed_mps\":%.1f,\"heading_deg\":%.1f}",
        (int)(number % vehicles), parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
        parts.tm_sec, (int)(ms % 1000), 53.53 + (double)(number % 97) / 5000, 9.96 + (double)(number % 89) / 5000,
        (double)(number % 14) + 0.4, (double)(number * 7 % 360));
}

static void sign(const char *id, int64_t timestamp, const char *body, size_t length, char *signature) {
    static char *input;
    unsigned char code[EVP_MAX_MD_SIZE];
    unsigned bytes = 0;
    if (!input) input = malloc((size_t)fixes_per_post * FIX_BYTES + 256);
    size_t head = (size_t)sprintf(input, "%s.%lld.", id, (long long)timestamp);
    memcpy(input + head, body, length);
    HMAC(EVP_sha256(), key, key_bytes, (unsigned char *)input, head + length, code, &bytes);
    EVP_EncodeBlock((unsigned char *)signature, code, (int)bytes);
}

static void make_request(int64_t index, int64_t timestamp) {
    static char *body;
    char id[64], signature[128], head[512];
    if (!body) body = malloc((size_t)fixes_per_post * FIX_BYTES + 64);
    size_t length = (size_t)sprintf(body, "{\"fixes\":[");
    for (int place = 0; place < fixes_per_post; place++) {
        if (place) body[length++] = ',';
        length += (size_t)append_fix(body + length, index * fixes_per_post + place);
    }
    length += (size_t)sprintf(body + length, "]}");
    sprintf(id, "msg_%lld_%lld", (long long)first_ms, (long long)index);
    sign(id, timestamp, body, length, signature);
    int head_length = sprintf(head,
        "POST /api/v1/fleets/%s/fixes HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
        "Content-Length: %zu\r\nwebhook-id: %s\r\nwebhook-timestamp: %lld\r\nwebhook-signature: v1,%s\r\n\r\n",
        fleet, port, length, id, (long long)timestamp, signature);
    requests[index] = malloc((size_t)head_length + length);
    memcpy(requests[index], head, (size_t)head_length);
    memcpy(requests[index] + head_length, body, length);
    lengths[index] = (uint32_t)((size_t)head_length + length);
}

static int opened(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

static void watch(Connection *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll_set, operation, c->descriptor, &event) < 0) fail("epoll_ctl");
}

/* Sends the rest of the request; a large one may take several sends. */
static void push(Connection *c) {
    ssize_t count = send(c->descriptor, c->request + c->sent, c->length - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN) fail("send");
    size_t before = c->sent;
    c->sent += count < 0 ? 0 : (size_t)count;
    if (c->sent < c->length) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    else if (before > 0) watch(c, EPOLL_CTL_MOD, EPOLLIN);
}

static int start(Connection *c) {
    if (next_post == posts) return 0;
    c->request = requests[next_post];
    c->length = lengths[next_post++];
    c->sent = 0, c->response_bytes = 0;
    c->began = now();
    push(c);
    return 1;
}

/* Whether the complete response has arrived. */
static int is_complete(Connection *c) {
    c->response[c->response_bytes] = 0;
    char *end = strstr(c->response, "\r\n\r\n");
    if (!end) return 0;
    char *field = strcasestr(c->response, "content-length:");
    long length = field && field < end ? atol(field + 15) : 0;
    return c->response_bytes >= end + 4 - c->response + length;
}

/* Whether the connection is free for the next request. */
static int receive(Connection *c) {
    ssize_t count = recv(c->descriptor, c->response + c->response_bytes, sizeof c->response - 1 - (size_t)c->response_bytes,
                         MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) {
        errors++;
        close(c->descriptor);
        c->descriptor = opened();
        watch(c, EPOLL_CTL_ADD, EPOLLIN);
        return 1;
    }
    c->response_bytes += (int)count;
    if (!is_complete(c)) return 0;
    if (strncmp(c->response + 9, "202", 3)) {
        if (!errors++) fprintf(stderr, "%s\n", c->response);
    } else {
        latencies[accepted++] = (uint32_t)((now() - c->began) / 1000);
    }
    return 1;
}

static int by_value(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
    if (count != 10) return fprintf(stderr, "usage: see the head of signed_client.c\n"), 2;
    port = atoi(arguments[1]);
    fleet = arguments[2];
    const char *secret = arguments[3] + strlen("whsec_");
    key_bytes = EVP_DecodeBlock(key, (const unsigned char *)secret, (int)strlen(secret));
    for (const char *end = secret + strlen(secret); end > secret && end[-1] == '='; end--) key_bytes--;
    fixes_per_post = atoi(arguments[4]);
    int connections = atoi(arguments[5]);
    double seconds = atof(arguments[6]);
    posts = atoll(arguments[7]);
    vehicles = atoi(arguments[8]);
    first_ms = atoll(arguments[9]);
    requests = calloc((size_t)posts, sizeof *requests);
    lengths = calloc((size_t)posts, sizeof *lengths);
    latencies = calloc((size_t)posts, sizeof *latencies);
    int64_t timestamp = time(NULL);
    for (int64_t index = 0; index < posts; index++) make_request(index, timestamp);

    epoll_set = epoll_create1(EPOLL_CLOEXEC);
    Connection *all = calloc((size_t)connections, sizeof *all);
    for (int i = 0; i < connections; i++) {
        all[i].descriptor = opened();
        watch(&all[i], EPOLL_CTL_ADD, EPOLLIN);
    }
    double spent = cpu_seconds();
    int64_t began = now(), stop = began + (int64_t)(seconds * 1e9);
    int busy = 0;
    for (int i = 0; i < connections; i++) busy += start(&all[i]);
    while (busy) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll_set, events, EVENTS, 10000);
        if (ready == 0) break;
        for (int i = 0; i < ready; i++) {
            Connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) push(c);
            if (!(events[i].events & ~(uint32_t)EPOLLOUT) || !receive(c)) continue;
            if (now() >= stop || !start(c)) busy--;
        }
    }
    double took = (double)(now() - began) / 1e9;
    qsort(latencies, (size_t)accepted, sizeof *latencies, by_value);
    printf("{\"posts\":%lld,\"fixes\":%lld,\"seconds\":%.4f,\"p50\":%.3f,\"p99\":%.3f,\"errors\":%lld,\"ran_out\":%s,"
           "\"cpu\":%.3f}\n",
           (long long)accepted, (long long)accepted * fixes_per_post, took, accepted ? latencies[accepted / 2] / 1e3 : 0,
           accepted ? latencies[(size_t)((double)accepted * 0.99)] / 1e3 : 0, (long long)(errors + busy),
           next_post == posts ? "true" : "false", cpu_seconds() - spent);
    return 0;
}
