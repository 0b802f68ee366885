internal import EventLoops
internal import HarborFleet

/// Looks at the credentials of live subscribers again: each distinct one once, and until the store has answered.
/// A store that does not answer closes nobody's stream.
enum LiveReview {
    private static let retry: Duration = .milliseconds(500)

    /// Starts on the sessions' loop, which is the caller's, and tells each session there.
    static func start(_ sessions: [LiveSession], on loop: EventLoop) {
        for (credential, sessions) in Dictionary(grouping: sessions, by: \.access.credential) {
            guard let credential, let authenticator = sessions.first?.access.authenticator else { continue }
            let waiting = LoopBound(sessions, on: loop)
            Task(executorPreference: loop) {
                let answer = await Self.answer(credential, authenticator)
                end(waiting.value, answer, on: loop)
            }
        }
    }

    private enum Answer {
        case identity(Identity)
        case refused
        case none
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

    private static func end(_ sessions: [LiveSession], _ answer: Answer, on loop: EventLoop) {
        switch answer {
        case .identity(let identity): for session in sessions { session.reviewed(identity) }
        case .refused: for session in sessions { session.reviewed(nil) }
        case .none:
            loop.schedule(after: retry) {
                for session in sessions where session.access.hasExpired { session.reviewed(nil) }
                start(sessions.filter(\.isOpen), on: loop)
            }
        }
    }
}
