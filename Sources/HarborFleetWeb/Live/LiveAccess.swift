internal import EventLoops
internal import HarborFleet

/// The credential that live subscribers on one loop came with, to be looked at again when tokens change, when it
/// expires, and once a minute, because a session may end without either. One look, and one timer, serves all who
/// came with it. Touched on its loop only.
final class LiveAccess {
    private static let period: Duration = .seconds(60)
    private static let retry: Duration = .milliseconds(500)

    let credential: Credential
    /// Who it was when it was looked at last.
    private(set) var identity: Identity
    private let authenticator: Authenticator
    private let loop: EventLoop
    private var sessions: [LiveSession] = []
    private var timer: ScheduledTimer?

    init(_ credential: Credential, _ identity: Identity, _ authenticator: Authenticator, on loop: EventLoop) {
        self.credential = credential
        self.identity = identity
        self.authenticator = authenticator
        self.loop = loop
    }

    var isEmpty: Bool { sessions.isEmpty }

    /// One more subscriber, whose identity was looked at just now.
    func join(_ session: LiveSession, _ identity: Identity) {
        self.identity = identity
        sessions.append(session)
        if timer == nil { awaitReview() }
    }

    func leave(_ session: LiveSession) {
        guard let index = sessions.lastIndex(where: { $0 === session }) else { return }
        sessions.swapAt(index, sessions.count - 1)
        sessions.removeLast()
        if isEmpty { cancelTimer() }
    }

    /// Asks who it is, and until the store has answered. A store that does not answer closes nobody's stream.
    func review() {
        cancelTimer()
        guard !isEmpty else { return }
        LiveReview.start(credential, authenticator, for: LoopBound(self, on: loop))
    }

    /// What the store said.
    func reviewed(_ answer: LiveReview.Answer) {
        switch answer {
        case .identity(let identity):
            self.identity = identity
            // A copy: who may not stay leaves while we go through them.
            for session in Array(sessions) { session.reviewed(identity) }
            awaitReview()
        case .refused: refuseAll()
        case .none: schedule(after: Self.retry)
        }
    }

    private func awaitReview() {
        schedule(after: min(goodFor, Self.period))
    }

    private func schedule(after delay: Duration) {
        cancelTimer()
        guard !isEmpty else { return }
        timer = loop.schedule(after: delay) { [self] in
            timer = nil
            // Whatever the store says, or does not.
            if goodFor <= .zero { refuseAll() } else { review() }
        }
    }

    /// How long until it expires; never negative.
    private var goodFor: Duration { max(authenticator.remaining(of: identity) ?? Self.period, .zero) }

    private func refuseAll() {
        cancelTimer()
        for session in Array(sessions) { session.refuse() }
    }

    private func cancelTimer() {
        timer?.cancel()
        timer = nil
    }
}

/// Asks a store who shows a credential, away from the loop's objects.
enum LiveReview {
    enum Answer {
        case identity(Identity)
        case refused
        case none
    }

    /// Tells `access` on its loop.
    static func start(
        _ credential: Credential, _ authenticator: Authenticator, for access: LoopBound<LiveAccess>
    ) {
        Task(executorPreference: access.loop) {
            let answer = await answer(credential, authenticator)
            access.value.reviewed(answer)
        }
    }

    private static func answer(_ credential: Credential, _ authenticator: Authenticator) async -> Answer {
        do {
            return .identity(try await authenticator.identity(of: credential))
        } catch is Problem {
            return .refused
        } catch {
            return .none
        }
    }
}
