import Supervision

/// Decides what follows each attempt at one POST. Repeating a POST is harmless, because each fix has an
/// identity. So every failure that may be temporary leads to a retry with the same body.
struct PostRetryState {
    /// What to do now.
    enum Action: Equatable {
        /// The server has judged every fix; repeating the POST would change nothing.
        case succeed(IngestResponse)
        case retry(after: Duration, because: String)
        case giveUp(SimulatorError)
    }

    /// The most attempts at one POST: half a minute without `Retry-After`.
    static let maximumAttempts = 8
    private static let backoff = Backoff(initial: .milliseconds(250), maximum: .seconds(10))
    private static let longestRetryAfterSeconds = 300

    private(set) var attempts = 0

    /// - Parameters:
    ///   - result: the outcome; after a failure the server may have accepted the fixes or not.
    ///   - jitter: 0..<1, so that the clients of a restarted server do not all retry at the same time.
    mutating func attemptEnded(_ result: Result<ClientResponse, TransportError>, jitter: Double) -> Action {
        attempts += 1
        switch result {
        case .failure(let error): return retry("\(error)", after: nil, jitter: jitter)
        case .success(let response): return received(response, jitter: jitter)
        }
    }

    private func received(_ response: ClientResponse, jitter: Double) -> Action {
        let problem = ProblemDocument(body: response.body)
        switch response.status {
        case 202:
            guard let accepted = IngestResponse(body: response.body) else {
                return .giveUp(
                    .refused(status: 202, detail: "the response is not the one that the API documents"))
            }
            return .succeed(accepted)
        case 408, 429, 500, 502, 503, 504:
            return retry(
                "\(response.status), \(problem.detail)", after: response.retryAfterSeconds, jitter: jitter)
        default:
            if response.status == 422, let judged = IngestResponse(problem: problem) {
                return .succeed(judged)
            }
            let detail = ([problem.detail] + problem.errors.prefix(5).map(\.sentence)).joined(separator: "; ")
            return .giveUp(.refused(status: response.status, detail: detail))
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
