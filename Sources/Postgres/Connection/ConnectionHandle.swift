internal import CLibPQ
internal import Processes

/// Owns one `PGconn` and finishes it exactly once, in `deinit`. Nothing here blocks except the start, which reads
/// files and may resolve a name.
///
/// `@unchecked Sendable`: used by one thread at a time, first the queue that starts it, then the loop of its
/// connection.
@safe final class ConnectionHandle: @unchecked Sendable {
    /// From `PQconnectStartParams`, owned here, never NULL.
    private let pointer: OpaquePointer
    /// The context of the notice receiver; kept alive as long as `pointer`.
    private let notices: NoticeSink

    /// Starts to connect. nil when libpq is out of memory.
    /// - Parameter targets: where to connect, instead of the targets in the URL; nil leaves the URL's targets and
    ///   the look-up of names to libpq.
    init?(
        starting configuration: PostgresConfiguration, options: ConnectOptions, targets: [ConnectTarget]?,
        notices: NoticeSink
    ) {
        let settings = Self.settings(configuration, options, targets)
        guard let pointer = unsafe Self.start(settings) else { return nil }
        unsafe self.pointer = unsafe pointer
        self.notices = notices
        let context = unsafe Unmanaged.passUnretained(notices).toOpaque()
        unsafe PQsetNoticeReceiver(pointer, receiveNotice, context)
        // While connecting, the SQLSTATE of a refusal is found only in the text of a verbose message.
        unsafe PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
    }

    /// Returns a connection that has begun to connect and that the caller must finish; nil when libpq is out of
    /// memory.
    static func start(_ settings: [(keyword: String, value: String)]) -> OpaquePointer? {
        unsafe CStrings.with(settings.map(\.keyword)) { keywords in
            unsafe CStrings.with(settings.map(\.value)) { values in
                // The 1 tells libpq to expand a first `dbname` that is a URI or holds keywords. Later entries
                // override it.
                unsafe PQconnectStartParams(
                    keywords.map { unsafe UnsafePointer($0) }, values.map { unsafe UnsafePointer($0) }, 1)
            }
        }
    }

    private static func settings(
        _ configuration: PostgresConfiguration, _ options: ConnectOptions, _ targets: [ConnectTarget]?
    ) -> [(keyword: String, value: String)] {
        var settings = [
            ("dbname", configuration.url), ("application_name", configuration.applicationName),
            ("client_encoding", "UTF8"),
        ]
        if let targets {
            settings.append(("host", targets.map(\.host).joined(separator: ",")))
            settings.append(("hostaddr", targets.map(\.address).joined(separator: ",")))
            settings.append(("port", targets.map(\.port).joined(separator: ",")))
        }
        // These settings detect a dead network within half a minute even if nothing is sent. The kernel's defaults
        // take hours.
        if !options.hasKeepalives {
            settings += [
                ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ]
        }
        if !options.hasUserTimeout { settings.append(("tcp_user_timeout", "15000")) }
        return settings
    }

    deinit {
        unsafe PQfinish(pointer)
    }

    var isBad: Bool { unsafe PQstatus(pointer) == CONNECTION_BAD }
    /// May change with every `poll`.
    var socket: CInt { unsafe PQsocket(pointer) }
    /// The process id of the server's backend, as in `pg_stat_activity.pid`.
    var backendPID: Int32 { unsafe PQbackendPID(pointer) }
    /// Whether the server has reported that the session accepts no writes; nil when it has reported neither, as
    /// before PostgreSQL 14. A PgBouncer reports what its first session reported, which may be out of date.
    var reportsReadOnly: Bool? {
        let isStandby = report("in_hot_standby")
        let isReadOnly = report("default_transaction_read_only")
        if isStandby == "on" || isReadOnly == "on" { return true }
        return isStandby == nil || isReadOnly == nil ? nil : false
    }

    /// The text belongs to libpq and is copied at once.
    private func report(_ name: String) -> String? {
        unsafe PQparameterStatus(pointer, name).map { unsafe String(cString: $0) }
    }

    var isIdle: Bool { unsafe PQtransactionStatus(pointer) == PQTRANS_IDLE }
    /// libpq's last error message. It names hosts and roles, but no password.
    var errorMessage: String {
        guard let text = unsafe PQerrorMessage(pointer) else { return "" }
        // The location in the server's source code is of no use to an operator.
        let lines = unsafe String(cString: text).split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        return lines.map { $0.drop { $0 == "\t" } }.joined(separator: "; ")
    }
    /// The target that libpq is trying now.
    var target: ConnectTarget {
        ConnectTarget(
            host: unsafe text(PQhost(pointer)), address: unsafe text(PQhostaddr(pointer)),
            port: unsafe text(PQport(pointer)))
    }

    /// The text belongs to libpq and is copied at once.
    private func text(_ pointer: UnsafePointer<CChar>?) -> String {
        unsafe pointer.map { unsafe String(cString: $0) } ?? ""
    }

    func poll() -> PostgresPollingStatusType { unsafe PQconnectPoll(pointer) }
    func setNonblocking() -> Bool { unsafe PQsetnonblocking(pointer, 1) == 0 }
    func enterPipelineMode() -> Bool { unsafe PQenterPipelineMode(pointer) == 1 }
    func exitPipelineMode() -> Bool { unsafe PQexitPipelineMode(pointer) == 1 }
    func pipelineSync() -> Bool { unsafe PQpipelineSync(pointer) == 1 }
    /// Returns 0 when everything is sent, 1 when some is left, -1 on failure.
    func flush() -> CInt { unsafe PQflush(pointer) }
    func consumeInput() -> Bool { unsafe PQconsumeInput(pointer) == 1 }
    var isBusy: Bool { unsafe PQisBusy(pointer) == 1 }

    func nextResult() -> ResultHandle? {
        guard let result = unsafe PQgetResult(pointer) else { return nil }
        return unsafe ResultHandle(owning: result)
    }

    /// Sends several statements as one string by the simple protocol. Must not be called in pipeline mode.
    func send(script: String) -> Bool { unsafe PQsendQuery(pointer, script) == 1 }

    /// Sends one statement with binary parameters and requests a binary result.
    func send(_ statement: PostgresStatement) -> Bool {
        let parameters = statement.parameters
        let lengths = parameters.ranges.map { CInt(truncatingIfNeeded: $0?.count ?? 0) }
        let formats = [CInt](repeating: 1, count: lengths.count)
        return unsafe parameters.bytes.withUnsafeBytes { bytes in
            // libpq copies the values before it returns, so pointers into `bytes` need not outlive this closure. An
            // empty value needs a pointer too, because a null pointer means NULL; it gets that of the empty C
            // string.
            unsafe "".withCString { empty in
                let values = unsafe parameters.ranges.map { range -> UnsafePointer<CChar>? in
                    guard let range else { return nil }
                    guard !range.isEmpty, let base = bytes.baseAddress else { return unsafe empty }
                    return unsafe (base + range.lowerBound).assumingMemoryBound(to: CChar.self)
                }
                return unsafe PQsendQueryParams(
                    pointer, statement.sql, CInt(truncatingIfNeeded: values.count), parameters.types, values,
                    lengths, formats, 1) == 1
            }
        }
    }

    /// Makes a handle that cancels the running statement from another thread; nil when there is no connection.
    func makeCancel() -> CancelHandle? {
        guard let cancel = unsafe PQgetCancel(pointer) else { return nil }
        return unsafe CancelHandle(owning: cancel)
    }
}

/// libpq's callback for notices. `context` is the connection's `NoticeSink`, which outlives the connection. The
/// result belongs to libpq and is valid only during this call.
private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context = unsafe context, let result = unsafe result else { return }
    let sink = unsafe Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue()
    let sqlState = unsafe PQresultErrorField(result, ResultField.sqlState).map { unsafe String(cString: $0) }
    let message = unsafe PQresultErrorField(result, ResultField.message).map { unsafe String(cString: $0) }
    sink.receive(sqlState: sqlState ?? "00000", message: message ?? "")
}
