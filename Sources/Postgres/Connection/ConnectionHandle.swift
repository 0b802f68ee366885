internal import CLibPQ
internal import Processes

/// Owns one `PGconn` and finishes it exactly once, when it goes. Nothing here blocks, but for the start, which reads
/// files and may look up a name.
///
/// `@unchecked Sendable`: touched by one thread at a time, the queue that started it, then the loop of its connection.
@safe final class ConnectionHandle: @unchecked Sendable {
    /// From `PQconnectStartParams`, ours alone, never NULL.
    private let pointer: OpaquePointer
    /// What the notice receiver gets; kept alive for as long as `pointer`.
    private let notices: NoticeSink

    /// Starts to connect. nil when libpq is out of memory.
    /// - Parameter targets: where to, instead of what the URL names; nil leaves that, and libpq to look up names.
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
        // While connecting, a refusal's SQLSTATE is nowhere but in the text of a verbose message.
        unsafe PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
    }

    /// A connection that has begun to connect, the caller's to finish; nil when libpq is out of memory.
    static func start(_ settings: [(keyword: String, value: String)]) -> OpaquePointer? {
        unsafe CStrings.with(settings.map(\.keyword)) { keywords in
            unsafe CStrings.with(settings.map(\.value)) { values in
                // 1: a first `dbname` that is a URI or holds keywords is taken apart; later entries win over it.
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
        // A dead network is noticed within half a minute also where nothing is sent: the kernel waits for hours.
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
    /// The server's process, as `pg_stat_activity.pid` shows it.
    var backendPID: Int32 { unsafe PQbackendPID(pointer) }
    /// Whether the server has told that the session takes no writes; nil when it has not, as before PostgreSQL 14. What
    /// a PgBouncer tells is what its first session told, which may be long ago.
    var reportsReadOnly: Bool? {
        let isStandby = report("in_hot_standby")
        let isReadOnly = report("default_transaction_read_only")
        if isStandby == "on" || isReadOnly == "on" { return true }
        return isStandby == nil || isReadOnly == nil ? nil : false
    }

    /// The text is libpq's and is copied at once.
    private func report(_ name: String) -> String? {
        unsafe PQparameterStatus(pointer, name).map { unsafe String(cString: $0) }
    }

    var isIdle: Bool { unsafe PQtransactionStatus(pointer) == PQTRANS_IDLE }
    /// libpq's last words; they name hosts and roles, no password.
    var errorMessage: String {
        guard let text = unsafe PQerrorMessage(pointer) else { return "" }
        // The place in the server's source tells nobody anything.
        let lines = unsafe String(cString: text).split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        return lines.map { $0.drop { $0 == "\t" } }.joined(separator: "; ")
    }
    /// Which of its targets libpq is trying.
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
    /// 0 when all is sent, 1 when some is left, -1 on failure.
    func flush() -> CInt { unsafe PQflush(pointer) }
    func consumeInput() -> Bool { unsafe PQconsumeInput(pointer) == 1 }
    var isBusy: Bool { unsafe PQisBusy(pointer) == 1 }

    func nextResult() -> ResultHandle? {
        guard let result = unsafe PQgetResult(pointer) else { return nil }
        return unsafe ResultHandle(owning: result)
    }

    /// Sends several statements as one string by the simple protocol. Not in pipeline mode.
    func send(script: String) -> Bool { unsafe PQsendQuery(pointer, script) == 1 }

    /// Sends one statement with binary parameters, asking for a binary result.
    func send(_ statement: PostgresStatement) -> Bool {
        let parameters = statement.parameters
        let lengths = parameters.ranges.map { CInt(truncatingIfNeeded: $0?.count ?? 0) }
        let formats = [CInt](repeating: 1, count: lengths.count)
        return unsafe parameters.bytes.withUnsafeBytes { bytes in
            // libpq copies the values before it returns, so pointers into `bytes` need not outlive this closure.
            // An empty value needs a pointer too, since NULL means NULL: the empty C string's.
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

    /// What cancels the running statement from another thread; nil when there is no connection.
    func makeCancel() -> CancelHandle? {
        guard let cancel = unsafe PQgetCancel(pointer) else { return nil }
        return unsafe CancelHandle(owning: cancel)
    }
}

/// libpq's hook for notices. `context` is the connection's `NoticeSink`, which outlives the connection; the
/// result is libpq's and ends with this call.
private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context = unsafe context, let result = unsafe result else { return }
    let sink = unsafe Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue()
    let sqlState = unsafe PQresultErrorField(result, ResultField.sqlState).map { unsafe String(cString: $0) }
    let message = unsafe PQresultErrorField(result, ResultField.message).map { unsafe String(cString: $0) }
    sink.receive(sqlState: sqlState ?? "00000", message: message ?? "")
}
