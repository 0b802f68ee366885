internal import Supervision

/// Decides what follows each attempt at one POST. A repeat is harmless, since a fix's identity makes it so;
/// whatever may pass by itself is therefore tried again with the same body.
struct PostRetryState {
    /// How an attempt ended.
    enum Outcome {
        case answered(HTTPAnswer)
        /// Nothing was answered; the server may have accepted the fixes or not.
        case lost(TransportError)
    }

    /// What to do now.
    enum Action: Equatable {
        /// The server has judged every fix; a repeat would change nothing.
        case succeed(IngestAnswer)
        case retry(after: Duration, because: String)
        case giveUp(SimulatorError)
    }

    /// How often one POST is tried: half a minute without `Retry-After`.
    static let maximumAttempts = 8
    private static let backoff = Backoff(initial: .milliseconds(250), maximum: .seconds(10))
    private static let longestRetryAfterSeconds = 300

    private(set) var attempts = 0

    /// - Parameter jitter: 0..<1, so that many clients of a restarted server do not come at once.
    mutating func attemptEnded(_ outcome: Outcome, jitter: Double) -> Action {
        attempts += 1
        switch outcome {
        case .lost(let error): return retry(error.detail, after: nil, jitter: jitter)
        case .answered(let answer): return answered(answer, jitter: jitter)
        }
    }

    private func answered(_ answer: HTTPAnswer, jitter: Double) -> Action {
        switch answer.status {
        case 202:
            guard let accepted = IngestAnswer(body: answer.body) else {
                return .giveUp(
                    .refused(status: 202, detail: "the answer is not the one that ingest documents"))
            }
            return .succeed(accepted)
        case 408, 429, 500, 502, 503, 504:
            let detail = "\(answer.status), \(ProblemAnswer(body: answer.body).detail)"
            return retry(detail, after: answer.retryAfterSeconds, jitter: jitter)
        default:
            let problem = ProblemAnswer(body: answer.body)
            if answer.status == 422, let judged = IngestAnswer(problem: problem) { return .succeed(judged) }
            let errors = problem.errors.prefix(5).map(\.sentence)
            let detail = ([problem.detail] + errors).joined(separator: "; ")
            return .giveUp(.refused(status: answer.status, detail: detail))
        }
    }

    private func retry(_ detail: String, after seconds: Int?, jitter: Double) -> Action {
        guard attempts < Self.maximumAttempts else {
            return .giveUp(.unreachable(attempts: attempts, detail: detail))
        }
        if let seconds {
            let wait = Duration.seconds(min(seconds, Self.longestRetryAfterSeconds))
            return .retry(after: wait + .seconds(0.25 * jitter), because: detail)
        }
        return .retry(after: Self.backoff.delay(afterFailures: attempts, jitter: jitter), because: detail)
    }
}
