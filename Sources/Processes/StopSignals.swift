internal import Dispatch
internal import Glibc

/// The signals that ask the process to stop, as a stream: SIGTERM, SIGINT. Dispatch reads them, so that no code of ours
/// runs in a signal handler.
///
/// `@unchecked Sendable`: `sources` is set once and only cancelled in `deinit`; Dispatch's sources are
/// thread-safe but not declared so.
package final class StopSignals: @unchecked Sendable {
    package enum Kind: Sendable, CaseIterable {
        /// SIGTERM: from a supervisor, which may take its time.
        case terminate
        /// SIGINT: from a person at a terminal, who waits.
        case interrupt

        fileprivate var number: CInt { self == .terminate ? SIGTERM : SIGINT }
    }

    /// The signals in the order in which they came.
    package let stream: AsyncStream<Kind>
    private let sources: [any DispatchSourceSignal]

    /// From now on the two signals no longer end the process by themselves.
    package init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Kind.self, bufferingPolicy: .bufferingNewest(4))
        self.stream = stream
        let queue = DispatchQueue(label: "harbor.signals")
        sources = Kind.allCases.map { kind in
            // Dispatch watches beside the default action, which would end the process first.
            _ = signal(kind.number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: kind.number, queue: queue)
            source.setEventHandler { continuation.yield(kind) }
            source.activate()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    /// From now on either signal ends the process by itself again.
    package func restoreDefaults() {
        for kind in Kind.allCases { _ = signal(kind.number, SIG_DFL) }
    }
}
