internal import EventLoops
internal import FleetAccess

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
    /// The number of the last review, and of the last one that was answered: an older answer comes too late.
    private var lastReview = 0
    private var lastAnswered = 0

    init(_ reader: LiveReader, _ authenticator: Authenticator, on loop: EventLoop) {
        credential = reader.credential
        identity = reader.identity
        self.authenticator = authenticator
        self.loop = loop
    }

    var isEmpty: Bool { sessions.isEmpty }

    /// One more subscriber. What was found out of it is as old as its request: when anything may have changed since,
    /// it is looked at again at once.
    func join(_ session: LiveSession, _ reader: LiveReader) {
        if isEmpty { identity = reader.identity }
        session.placeInAccess = sessions.count
        sessions.append(session)
        if reader.generation != authenticator.generation {
            review()
        } else if timer == nil, !isUnderReview {
            awaitReview()
        }
    }

    /// The last one takes the place of the one who leaves.
    func leave(_ session: LiveSession) {
        let place = session.placeInAccess
        guard place < sessions.count, sessions[place] === session, let last = sessions.popLast() else {
            return
        }
        if last !== session {
            sessions[place] = last
            last.placeInAccess = place
        }
        if isEmpty { cancelTimer() }
    }

    /// Asks who it is, and until the store has answered. A store that does not answer closes nobody's stream.
    func review() {
        cancelTimer()
        guard !isEmpty else { return }
        lastReview += 1
        LiveReview.start(credential, authenticator, number: lastReview, for: LoopBound(self, on: loop))
    }

    private var isUnderReview: Bool { lastAnswered < lastReview }

    /// What the store said.
    func reviewed(_ answer: LiveReview.Answer, number: Int) {
        guard number > lastAnswered else { return }
        lastAnswered = number
        switch answer {
        case .identity(let identity):
            self.identity = identity
            forEachSession { $0.reviewed(identity) }
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
        forEachSession { $0.refuse() }
    }

    /// One credential may have thousands of subscribers, and a refusal is a send to each. Those who may not stay leave
    /// while we go through a copy.
    private func forEachSession(_ body: @escaping (LiveSession) -> Void) {
        SlicedPass(sessions, slice: LiveTopic.slice).run(on: loop, body)
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
        _ credential: Credential, _ authenticator: Authenticator, number: Int,
        for access: LoopBound<LiveAccess>
    ) {
        Task(executorPreference: access.loop) {
            let answer = await answer(credential, authenticator)
            access.value.reviewed(answer, number: number)
        }
    }

    private static func answer(_ credential: Credential, _ authenticator: Authenticator) async -> Answer {
        do {
            return .identity(try await authenticator.identity(of: credential, askedBy: nil))
        } catch is Problem {
            return .refused
        } catch {
            return .none
        }
    }
}
