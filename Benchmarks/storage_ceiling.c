/*
 * Measures how many durable fixes per second PostgreSQL stores through bare libpq: the ceiling without HTTP.
 *
 *     storage_ceiling record CONNINFO ROWS POSTS CONNECTIONS SECONDS RECORD_SQL FLEET_KEY FIRST_MS VEHICLE_KEYS
 *     storage_ceiling unnest CONNINFO ROWS POSTS CONNECTIONS SECONDS RECORD_SQL FLEET_KEY FIRST_MS VEHICLE_KEYS
 *     storage_ceiling copy   CONNINFO ROWS POSTS CONNECTIONS SECONDS RECORD_SQL FLEET_KEY FIRST_MS VEHICLE_KEYS
 *
 * A transaction has ROWS fixes and POSTS posts. Fix number n is of vehicle n modulo the vehicles, FIRST_MS + n /
 * vehicles milliseconds after 1970. VEHICLE_KEYS is a file of decimal keys in rising order, one a line.
 *
 * `record`: the recorder's own statement (the file RECORD_SQL, taken from its sources; the function that it
 * calls is the database's), sent in the recorder's way: unnamed, binary parameters, a pipeline with one Sync per
 * unit, two units in flight on each connection. `unnest`: only the fixes by INSERT ... SELECT FROM unnest ... ON
 * CONFLICT DO NOTHING, in the same way. `copy`: only the fixes by COPY BINARY, one transaction per batch, the
 * connections in turn.
 *
 * Prints one line of JSON: rows, units, seconds, p50/p99 of a unit in ms, and the backends' CPU time in seconds.
 */

#define _GNU_SOURCE
#include <libpq-fe.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PARAMETERS = 32, DEPTH = 2, BOOL = 16, INT8 = 20, FLOAT8 = 701, TEXT = 25, BYTEA = 17, UUID = 2950 };
enum { BOOLS = 1000, BYTEAS = 1001, INT4S = 1007, TEXTS = 1009, INT8S = 1016, FLOAT8S = 1022, TIMES = 1185, UUIDS = 2951 };
enum { INT4 = 23, TIME = 1184 };

/* The parameters of one statement, encoded one after another. */
typedef struct {
    int count;
    Oid types[MAX_PARAMETERS];
    size_t starts[MAX_PARAMETERS];
    int lengths[MAX_PARAMETERS], formats[MAX_PARAMETERS], nulls[MAX_PARAMETERS];
    char *bytes;
    size_t used, room;
} Parameters;

typedef struct {
    PGconn *connection;
    int64_t sent[DEPTH];
    int in_flight;
} Link;

static int rows, posts;
static double seconds;
static int64_t fleet_key, first_ms, *vehicles, next_row, received_ms;
static int vehicle_count;
static char *record_sql;
static const char *unnest_sql =
    "INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg, post_id) "
    "SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], "
    "$7::float8[], $8::uuid[]) ON CONFLICT DO NOTHING";
static int64_t removals;
static uint64_t next_post;
static uint32_t *latencies;
static size_t units, latency_room;

static void fail(const char *what, PGconn *connection) {
    fprintf(stderr, "storage_ceiling: %s: %s\n", what, connection ? PQerrorMessage(connection) : "");
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static char *file_text(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path, NULL);
    char *text = calloc(1, 65536);
    if (!fread(text, 1, 65535, file)) fail(path, NULL);
    fclose(file);
    return text;
}

/* Encoding: PostgreSQL's binary formats, all in network order. */

static void raw(Parameters *p, const void *bytes, size_t length) {
    if (p->used + length > p->room) {
        p->room = (p->used + length) * 2;
        p->bytes = realloc(p->bytes, p->room);
    }
    memcpy(p->bytes + p->used, bytes, length);
    p->used += length;
}

static void int4(Parameters *p, int32_t number) {
    uint32_t order = __builtin_bswap32((uint32_t)number);
    raw(p, &order, 4);
}

static void int8(Parameters *p, int64_t number) {
    uint64_t order = __builtin_bswap64((uint64_t)number);
    raw(p, &order, 8);
}

static void float8(Parameters *p, double number) {
    int64_t bits;
    memcpy(&bits, &number, 8);
    int8(p, bits);
}

static int64_t microseconds(int64_t milliseconds) { return (milliseconds - 946684800000LL) * 1000; }

static void begin(Parameters *p, Oid type) {
    p->types[p->count] = type;
    p->starts[p->count] = p->used;
    p->formats[p->count] = 1;
    p->nulls[p->count] = 0;
}

static void end(Parameters *p) {
    p->lengths[p->count] = (int)(p->used - p->starts[p->count]);
    p->count++;
}

static void begin_array(Parameters *p, Oid type, Oid element, int count) {
    begin(p, type);
    int4(p, 1);
    int4(p, 0);
    int4(p, (int32_t)element);
    int4(p, count);
    int4(p, 1);
}

static void null(Parameters *p, Oid type) {
    begin(p, type);
    p->nulls[p->count] = 1;
    end(p);
}

static void clear(Parameters *p) { p->count = 0, p->used = 0; }

#define ARRAY(p, type, element, count, ...)             \
    do {                                                \
        begin_array(p, type, element, count);           \
        for (int i = 0; i < (count); i++) { __VA_ARGS__; } \
        end(p);                                         \
    } while (0)
#define EIGHT(p, value) (int4(p, 8), int8(p, value))
#define DOUBLE(p, value) (int4(p, 8), float8(p, value))

/* The batch: rows in the order of their keys, each identified by its place. */

typedef struct {
    int64_t key, time;
    int post;
    int64_t number;
} Row;

static Row *batch;
static unsigned char (*post_ids)[16];

static int by_key(const void *a, const void *b) {
    const Row *left = a, *right = b;
    if (left->key != right->key) return left->key < right->key ? -1 : 1;
    return left->time < right->time ? -1 : left->time > right->time;
}

static void make_batch(void) {
    for (int i = 0; i < rows; i++) {
        int64_t number = next_row + i;
        batch[i] = (Row){vehicles[number % vehicle_count], first_ms + number / vehicle_count,
                         (int)((int64_t)i * posts / rows), number};
    }
    next_row += rows;
    qsort(batch, (size_t)rows, sizeof *batch, by_key);
    for (int i = 0; i < posts; i++) {
        /* A UUIDv7: the time comes first, so that receipts are inserted at the right end of their index. */
        uint64_t high = ((uint64_t)received_ms << 16) | 0x7000 | (next_post >> 32 & 0xfff);
        uint64_t low = 0x8000000000000000ULL | ((uint64_t)random() << 31 ^ next_post);
        next_post++;
        high = __builtin_bswap64(high), low = __builtin_bswap64(low);
        memcpy(post_ids[i], &high, 8), memcpy(post_ids[i] + 8, &low, 8);
    }
}

static double latitude(const Row *row) { return 53.53 + (double)(row->number % 97) / 5000; }
static double longitude(const Row *row) { return 9.96 + (double)(row->number % 89) / 5000; }
static double speed(const Row *row) { return (double)(row->number % 14) + 0.4; }
static double heading(const Row *row) { return (double)(row->number * 7 % 360); }

static void text(Parameters *p, const char *value) {
    int4(p, (int32_t)strlen(value));
    raw(p, value, strlen(value));
}

/* The columns of only the fixes, for `unnest`. */
static void plain_columns(Parameters *p) {
    ARRAY(p, INT8S, INT8, rows, EIGHT(p, batch[i].key));
    ARRAY(p, TIMES, TIME, rows, EIGHT(p, microseconds(batch[i].time)));
    ARRAY(p, TIMES, TIME, rows, EIGHT(p, microseconds(received_ms)));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, latitude(&batch[i])));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, longitude(&batch[i])));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, speed(&batch[i])));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, heading(&batch[i])));
    ARRAY(p, UUIDS, UUID, rows, int4(p, 16), raw(p, post_ids[batch[i].post], 16));
}

static int rows_of(int post) { return (int)((int64_t)(post + 1) * rows / posts - (int64_t)post * rows / posts); }

static void post_columns(Parameters *p) {
    unsigned char hash[32];
    ARRAY(p, UUIDS, UUID, posts, int4(p, 16), raw(p, post_ids[i], 16));
    ARRAY(p, INT8S, INT8, posts, EIGHT(p, fleet_key));
    ARRAY(p, TEXTS, TEXT, posts, text(p, "bench-partner"));
    ARRAY(p, TEXTS, TEXT, posts, text(p, "msg_0000000000000001"));
    ARRAY(p, TIMES, TIME, posts, EIGHT(p, microseconds(received_ms)));
    ARRAY(p, INT8S, INT8, posts, EIGHT(p, 140LL * rows / posts));
    ARRAY(p, BYTEAS, BYTEA, posts, {
        for (int j = 0; j < 32; j++) hash[j] = (unsigned char)random();
        int4(p, 32), raw(p, hash, 32);
    });
    ARRAY(p, INT4S, INT4, posts, int4(p, 4), int4(p, rows_of(i)));
    ARRAY(p, INT4S, INT4, posts, int4(p, 4), int4(p, rows_of(i)));
}

static void fix_columns(Parameters *p) {
    ARRAY(p, INT4S, INT4, rows, int4(p, 4), int4(p, batch[i].post + 1));
    ARRAY(p, INT8S, INT8, rows, EIGHT(p, batch[i].key));
    ARRAY(p, TIMES, TIME, rows, EIGHT(p, microseconds(batch[i].time)));
    ARRAY(p, TIMES, TIME, rows, EIGHT(p, microseconds(received_ms)));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, latitude(&batch[i])));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, longitude(&batch[i])));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, speed(&batch[i])));
    ARRAY(p, FLOAT8S, FLOAT8, rows, DOUBLE(p, heading(&batch[i])));
    null(p, FLOAT8S);
    null(p, FLOAT8S);
    null(p, FLOAT8S);
    null(p, TEXTS);
}

/* The effect of the fixes on their vehicles, and the newest row of each vehicle, in the order of their keys. */
static void position_columns(Parameters *p) {
    static int *newest;
    if (!newest) newest = calloc((size_t)rows, sizeof *newest);
    int count = 0;
    for (int i = 0; i < rows; i++)
        if (i + 1 == rows || batch[i + 1].key != batch[i].key) newest[count++] = i;
    ARRAY(p, BOOLS, BOOL, rows, int4(p, 1), raw(p, "\1", 1));
    null(p, TIMES);
    null(p, TIMES);
    ARRAY(p, INT4S, INT4, count, int4(p, 4), int4(p, newest[i] + 1));
}

static void record_parameters(Parameters *p) {
    begin(p, INT8), int8(p, removals), end(p);
    null(p, INT8);
    post_columns(p), fix_columns(p), position_columns(p);
}

static void send_statement(PGconn *connection, const char *sql, Parameters *p) {
    const char *values[MAX_PARAMETERS];
    for (int i = 0; i < p->count; i++) values[i] = p->nulls[i] ? NULL : p->bytes + p->starts[i];
    if (!PQsendQueryParams(connection, sql, p->count, p->types, values, p->lengths, p->formats, 1))
        fail("send", connection);
}

static void send_unit(Link *link, int whole) {
    static Parameters p;
    make_batch();
    link->sent[link->in_flight++] = now();
    clear(&p);
    if (whole) record_parameters(&p);
    else plain_columns(&p);
    send_statement(link->connection, whole ? record_sql : unnest_sql, &p);
    if (!PQpipelineSync(link->connection)) fail("sync", link->connection);
    if (PQflush(link->connection) < 0) fail("flush", link->connection);
}

static void unit_ended(int64_t began) {
    if (units == latency_room) latencies = realloc(latencies, (latency_room = latency_room * 2 + 4096) * sizeof *latencies);
    latencies[units++] = (uint32_t)((now() - began) / 1000);
}

/* Reads the results that have arrived. */
static void receive(Link *link) {
    if (!PQconsumeInput(link->connection)) fail("receive", link->connection);
    int nothing = 0;
    while (link->in_flight && !PQisBusy(link->connection)) {
        PGresult *result = PQgetResult(link->connection);
        if (!result) {
            if (nothing++) return;
            continue;
        }
        nothing = 0;
        switch (PQresultStatus(result)) {
        case PGRES_PIPELINE_SYNC:
            unit_ended(link->sent[0]);
            memmove(link->sent, link->sent + 1, sizeof link->sent - sizeof *link->sent);
            link->in_flight--;
            break;
        case PGRES_COMMAND_OK: case PGRES_TUPLES_OK: break;
        default: fail("unit", link->connection);
        }
        PQclear(result);
    }
}

static double pipelined(Link *links, int count, int whole) {
    struct pollfd *polls = calloc((size_t)count, sizeof *polls);
    int64_t start = now(), stop = start + (int64_t)(seconds * 1e9);
    for (int i = 0; i < count; i++) {
        if (PQsetnonblocking(links[i].connection, 1) || !PQenterPipelineMode(links[i].connection))
            fail("pipeline", links[i].connection);
    }
    for (;;) {
        int busy = 0, sending = now() < stop;
        for (int i = 0; i < count; i++) {
            while (sending && links[i].in_flight < DEPTH) send_unit(&links[i], whole);
            busy += links[i].in_flight;
            int left = PQflush(links[i].connection);
            polls[i] = (struct pollfd){PQsocket(links[i].connection), (short)(POLLIN | (left ? POLLOUT : 0)), 0};
        }
        if (!busy) return (double)(now() - start) / 1e9;
        if (poll(polls, (nfds_t)count, -1) < 0) fail("poll", NULL);
        for (int i = 0; i < count; i++)
            if (polls[i].revents) receive(&links[i]);
    }
}

/* COPY cannot be pipelined: each connection sends a batch, and the batches are awaited in turn. */
static void copy_batch(Link *link) {
    static Parameters p;
    make_batch();
    clear(&p);
    raw(&p, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    for (int i = 0; i < rows; i++) {
        uint16_t columns = __builtin_bswap16(8);
        raw(&p, &columns, 2);
        EIGHT(&p, batch[i].key), EIGHT(&p, microseconds(batch[i].time)), EIGHT(&p, microseconds(received_ms));
        DOUBLE(&p, latitude(&batch[i])), DOUBLE(&p, longitude(&batch[i])), DOUBLE(&p, speed(&batch[i]));
        DOUBLE(&p, heading(&batch[i])), int4(&p, 16), raw(&p, post_ids[batch[i].post], 16);
    }
    raw(&p, "\377\377", 2);
    link->sent[0] = now();
    PGresult *result = PQgetResult(link->connection);
    if (PQresultStatus(result) != PGRES_COPY_IN) fail("copy", link->connection);
    PQclear(result);
    if (PQputCopyData(link->connection, p.bytes, (int)p.used) < 0 || PQputCopyEnd(link->connection, NULL) < 0)
        fail("copy", link->connection);
    PQflush(link->connection);
}

static double copied(Link *links, int count) {
    const char *sql = "COPY fixes (vehicle_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg, post_id) "
                      "FROM STDIN (FORMAT binary)";
    int64_t start = now(), stop = start + (int64_t)(seconds * 1e9);
    for (int i = 0; i < count; i++) PQsendQuery(links[i].connection, sql), copy_batch(&links[i]);
    for (int left = count, i = 0; left; i = (i + 1) % count) {
        if (!links[i].sent[0]) continue;
        PGresult *result = PQgetResult(links[i].connection);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) fail("copy", links[i].connection);
        PQclear(result);
        while ((result = PQgetResult(links[i].connection))) PQclear(result);
        unit_ended(links[i].sent[0]);
        links[i].sent[0] = 0;
        if (now() < stop) PQsendQuery(links[i].connection, sql), copy_batch(&links[i]);
        else left--;
    }
    return (double)(now() - start) / 1e9;
}

/* User and system time so far of the backends, in seconds; they must be on this machine. */
static double backend_seconds(const Link *links, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        char path[64], name[64], state;
        unsigned long user = 0, system = 0;
        int pid, parent, group;
        snprintf(path, sizeof path, "/proc/%d/stat", PQbackendPID(links[i].connection));
        FILE *file = fopen(path, "r");
        if (!file) continue;
        if (fscanf(file, "%d %63s %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &pid, name, &state, &parent, &group,
                   &user, &system) == 7)
            sum += (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
        fclose(file);
    }
    return sum;
}

static int by_value(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

int main(int count, char **arguments) {
    if (count != 11) return fprintf(stderr, "usage: see the head of storage_ceiling.c\n"), 2;
    const char *mode = arguments[1];
    rows = atoi(arguments[3]), posts = atoi(arguments[4]);
    int connections = atoi(arguments[5]);
    seconds = atof(arguments[6]);
    fleet_key = atoll(arguments[8]), first_ms = atoll(arguments[9]);
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    received_ms = time.tv_sec * 1000LL;
    srandom((unsigned)time.tv_nsec);
    next_post = (uint64_t)time.tv_nsec;
    FILE *keys = fopen(arguments[10], "r");
    long long key;
    while (keys && fscanf(keys, "%lld", &key) == 1) {
        vehicles = realloc(vehicles, (size_t)(vehicle_count + 1) * sizeof *vehicles);
        vehicles[vehicle_count++] = key;
    }
    if (rows < 1 || posts < 1 || posts > rows || connections < 1 || !vehicle_count) return 2;
    batch = calloc((size_t)rows, sizeof *batch);
    post_ids = calloc((size_t)posts, sizeof *post_ids);
    int whole = !strcmp(mode, "record");
    record_sql = file_text(arguments[7]);
    Link *links = calloc((size_t)connections, sizeof *links);
    for (int i = 0; i < connections; i++) {
        links[i].connection = PQconnectdb(arguments[2]);
        if (PQstatus(links[i].connection) != CONNECTION_OK) fail("connect", links[i].connection);
        PQclear(PQexec(links[i].connection, "SET synchronous_commit = on"));
    }
    PGresult *result = PQexec(links[0].connection, "SELECT removals FROM revision");
    if (PQntuples(result) != 1) fail("revision", links[0].connection);
    removals = atoll(PQgetvalue(result, 0, 0));
    PQclear(result);
    double took = !strcmp(mode, "copy") ? copied(links, connections) : pipelined(links, connections, whole);
    double spent = backend_seconds(links, connections);
    for (int i = 0; i < connections; i++) PQfinish(links[i].connection);
    qsort(latencies, units, sizeof *latencies, by_value);
    printf("{\"rows\":%lld,\"units\":%zu,\"seconds\":%.4f,\"p50\":%.3f,\"p99\":%.3f,\"cpu\":%.2f}\n",
           (long long)units * rows, units, took, latencies[units / 2] / 1e3, latencies[(size_t)((double)units * 0.99)] / 1e3, spent);
    return 0;
}
