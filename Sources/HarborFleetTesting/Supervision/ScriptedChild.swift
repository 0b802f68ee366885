package import Supervision
import Synchronization

/// A child of a supervisor that behaves as its test says.
package final class ScriptedChild: Sendable {
    /// What one start of it does.
    package enum Life: Sendable {
        /// Throws before it is ready.
        case failsOnStart
        /// Returns before it is ready.
        case returnsAtOnce
        /// Is ready when told (`becomeReady`), then lives as `runs`.
        case startsWhenTold
        /// Is ready at once; ends when told (`fail`, `finish`) or cancelled.
        case runs
        /// Is ready at once; does not end before `letGo`, however often it is cancelled.
        case ignoresCancellation
    }

    /// Thrown by a life that fails.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// What a start was given. Not the context itself: it refers to the supervisor, which refers to its children.
    package struct Beginning: Sendable, Equatable {
        package let restarts: Int
        package let generation: UInt64
    }

    private enum Order { case becomeReady, fail, finish }

    private struct State {
        var starts = 0
        var orders: Mailbox<Order>?
        var captives: [CheckedContinuation<Void, Never>] = []
        var beginnings: [Beginning] = []
    }

    package let id: String
    private let lives: [Life]
    private let state = Mutex(State())

    /// A child whose starts live as given, the last for ever after.
    package init(_ id: String, _ lives: Life...) {
        self.id = id
        self.lives = lives
    }

    /// How often it was started.
    package var starts: Int { state.withLock { $0.starts } }

    /// What each start was given.
    package var beginnings: [Beginning] { state.withLock { $0.beginnings } }

    /// Ends the waiting of `startsWhenTold`.
    package func becomeReady() { order(.becomeReady) }

    /// Has the present life throw.
    package func fail() { order(.fail) }

    /// Has the present life return.
    package func finish() { order(.finish) }

    /// Lets lives end that ignore their cancellation.
    package func letGo() {
        let captives = state.withLock { state in
            defer { state.captives = [] }
            return state.captives
        }
        for captive in captives { captive.resume() }
    }

    /// This child for a supervisor.
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
            state.beginnings.append(
                Beginning(restarts: context.restarts, generation: context.generation))
            return state.starts <= lives.count ? lives[state.starts - 1] : lives.last ?? .runs
        }
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
