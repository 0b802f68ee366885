import Glibc

/// Metrics of this process from the kernel (proc_pid_stat(5)), read at each scrape.
///
/// Exposes `process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_virtual_memory_bytes`,
/// `process_open_fds`, `process_max_fds`, `process_start_time_seconds` and `process_threads`.
package struct ProcessMetrics: Sendable {
    private let ticksPerSecond: Double
    private let pageBytes: Double
    /// The time of the machine's start, in seconds since 1970. It is read once, so that the start time does not jitter.
    private let bootSeconds: Double

    /// Reads the values that do not change.
    package init() {
        ticksPerSecond = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        pageBytes = Double(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        bootSeconds = Double(UTCTime.nowMilliseconds()) / 1000 - Self.secondsSinceBoot()
    }

    /// Reads the metrics.
    package func collect(into collector: inout MetricCollector) {
        if let stat = ProcessStat(BoundedFile.read("/proc/self/stat", atMost: 4096)) {
            collector.counter(
                "process_cpu_seconds", Double(stat.cpuTicks) / ticksPerSecond,
                "User and system CPU time spent, in seconds.")
            collector.gauge(
                "process_resident_memory_bytes", Double(stat.residentPages) * pageBytes,
                "Resident memory, in bytes.")
            collector.gauge(
                "process_virtual_memory_bytes", Double(stat.virtualBytes), "Virtual memory, in bytes.")
            collector.gauge(
                "process_start_time_seconds", bootSeconds + Double(stat.startTicks) / ticksPerSecond,
                "Start of the process, in seconds since 1970.")
            collector.gauge("process_threads", Double(stat.threads), "Threads of the process.")
        }
        if let count = BoundedFile.openDescriptors() {
            collector.gauge("process_open_fds", Double(count), "Open file descriptors.")
        }
        var limit = rlimit()
        // The pointer is ours for the call.
        if unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 {
            collector.gauge(
                "process_max_fds", Double(limit.rlim_cur), "Most file descriptors that may be open.")
        }
    }

    private static func secondsSinceBoot() -> Double {
        var time = timespec()
        // The pointer is ours for the call.
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The fields of `/proc/self/stat` that the metrics need.
struct ProcessStat: Equatable {
    let cpuTicks: UInt64
    let threads: UInt64
    let startTicks: UInt64
    let virtualBytes: UInt64
    let residentPages: UInt64

    /// Parses the file's text; nil when it does not have the expected form. The name in parentheses may itself contain
    /// blanks and parentheses, so the fields are counted from the last `)`.
    init?(_ text: [UInt8]) {
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[(end + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .map { UInt64(String(decoding: $0, as: UTF8.self)) }
        // The first field here is field 3 (state), so field n has index n - 3.
        guard fields.count > 21, let user = fields[11], let system = fields[12], let threads = fields[17],
            let start = fields[19], let virtual = fields[20], let resident = fields[21]
        else { return nil }
        cpuTicks = user &+ system
        self.threads = threads
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }
}
