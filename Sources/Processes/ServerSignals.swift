internal import Dispatch
internal import Glibc

/// The signals that ask the server to stop, as a stream: SIGTERM, SIGINT. Dispatch reads them, so that no code
/// of ours runs in a signal handler.
///
/// `@unchecked Sendable`: `sources` is set once and only cancelled in `deinit`; Dispatch's sources are
/// thread-safe but not declared so.
package final class ServerSignals: @unchecked Sendable {
    package enum Kind: Sendable {
        /// SIGTERM: from a supervisor, which may take its time.
        case terminate
        /// SIGINT: from a person at a terminal, who waits.
        case interrupt
    }

    /// The signals in the order in which they came.
    package let stream: AsyncStream<Kind>
    private let sources: [any DispatchSourceSignal]

    /// From now on the two signals no longer end the process by themselves. SIGPIPE is ignored too: pipes and
    /// libpq have no flag against it.
    package init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Kind.self, bufferingPolicy: .bufferingNewest(4))
        self.stream = stream
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "harbor.signals")
        sources = [(SIGTERM, Kind.terminate), (SIGINT, .interrupt)].map { number, kind in
            _ = Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(kind) }
            source.activate()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
