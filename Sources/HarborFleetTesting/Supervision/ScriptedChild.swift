package import Supervision
import Synchronization

/// A supervisor's child that behaves as its test says.
package final class ScriptedChild: Sendable {
    /// The behaviour of one start.
    package enum Life: Sendable {
        /// Throws before it is ready.
        case failsOnStart
        /// Returns before it is ready.
        case returnsAtOnce
        /// Becomes ready when the test calls `becomeReady`, then lives as `runs`.
        case startsWhenTold
        /// Is ready at once; ends when the test calls `fail` or `finish`, or when it is cancelled.
        case runs
        /// Is ready at once; ends only after `letGo`, however often it is cancelled.
        case ignoresCancellation
    }

    /// The error of a life that fails.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// What the supervisor passed to a start. The context itself is not kept: it refers to the supervisor, which
    /// refers to its children.
    package struct Beginning: Sendable, Equatable {
        package let restarts: Int
        package let generation: UInt64
    }

    private enum Order { case becomeReady, fail, finish }

    private struct State {
        var starts = 0
        var orders: Mailbox<Order>?
        var captives: [CheckedContinuation<Void, Never>] = []
    }

    package let id: String
    private let lives: [Life]
    private let state = Mutex(State())
    private let begun = EventRecorder<Beginning>()

    /// A child with these starts; the last one repeats.
    package init(_ id: String, _ lives: Life...) {
        self.id = id
        self.lives = lives
    }

    /// The number of starts.
    package var starts: Int { beginnings.count }

    /// What the supervisor passed to each start.
    package var beginnings: [Beginning] { begun.events }

    /// Returns once it was started `count` times.
    package func waitForStarts(_ count: Int) async { await begun.wait { $0.count >= count } }

    /// Ends the wait of `startsWhenTold`.
    package func becomeReady() { order(.becomeReady) }

    /// Makes the present life throw.
    package func fail() { order(.fail) }

    /// Makes the present life return.
    package func finish() { order(.finish) }

    /// Ends lives that ignore their cancellation.
    package func letGo() {
        let captives = state.withLock { state in
            defer { state.captives = [] }
            return state.captives
        }
        for captive in captives { captive.resume() }
    }

    /// The specification of this child, for a supervisor.
    package func spec(
        restart: ChildSpec.Restart = .permanent, shutdown: Duration = .seconds(5)
    ) -> ChildSpec {
        ChildSpec(id: id, restart: restart, shutdown: shutdown) { try await self.live($0) }
    }

    private func order(_ order: Order) {
        let isTaken = state.withLock { $0.orders }?.send(order) ?? false
        precondition(isTaken, "\(id) does not live")
    }

    private func live(_ context: ChildContext) async throws {
        let orders = Mailbox<Order>(capacity: 8)
        let life = state.withLock { state in
            state.starts += 1
            state.orders = orders
            return state.starts <= lives.count ? lives[state.starts - 1] : lives.last ?? .runs
        }
        begun.record(Beginning(restarts: context.restarts, generation: context.generation))
        switch life {
        case .failsOnStart: throw Failure(description: "\(id) fails on start")
        case .returnsAtOnce: return
        case .startsWhenTold: break
        case .runs: context.ready()
        case .ignoresCancellation:
            await withCheckedContinuation { captive in
                state.withLock { $0.captives.append(captive) }
                context.ready()
            }
            return
        }
        try await obey(orders, context)
    }

    private func obey(_ orders: Mailbox<Order>, _ context: ChildContext) async throws {
        while let batch = await orders.receive() {
            for order in batch {
                switch order {
                case .becomeReady: context.ready()
                case .fail: throw Failure(description: "\(id) fails")
                case .finish: return
                }
            }
        }
    }
}
