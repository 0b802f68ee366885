internal import Dispatch
internal import Glibc

/// A stream of the signals that ask the process to stop: SIGTERM and SIGINT. Dispatch receives them, so none of our
/// code runs in a signal handler.
///
/// `@unchecked Sendable`: `sources` is set once and only cancelled in `deinit`. Dispatch's sources are thread-safe
/// but are not declared Sendable.
package final class StopSignals: @unchecked Sendable {
    package enum Kind: Sendable, CaseIterable {
        /// SIGTERM, from a service manager: the stop may take its time.
        case terminate
        /// SIGINT, from a person at a terminal: the stop should be quick.
        case interrupt

        fileprivate var number: CInt { self == .terminate ? SIGTERM : SIGINT }
    }

    /// The signals in the order of their arrival; at most the newest 4 are buffered.
    package let stream: AsyncStream<Kind>
    private let sources: [any DispatchSourceSignal]

    /// Starts to receive the signals. From now on they no longer end the process by themselves.
    package init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Kind.self, bufferingPolicy: .bufferingNewest(4))
        self.stream = stream
        let queue = DispatchQueue(label: "harbor.signals")
        sources = Kind.allCases.map { kind in
            // Dispatch does not replace the default action, which would end the process. So it must be turned off.
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

    /// Restores the default actions. From now on either signal ends the process again.
    package func restoreDefaults() {
        for kind in Kind.allCases { _ = signal(kind.number, SIG_DFL) }
    }
}
