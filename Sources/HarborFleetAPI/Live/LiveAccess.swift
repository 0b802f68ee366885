internal import Broadcast
internal import EventLoops
internal import FleetAccess

/// The credential that the live streams on one loop were requested with. It is reviewed when tokens change, when
/// it expires, and once a minute, because a session may end without either. One review and one timer serve all
/// streams of the credential. Used on its loop only.
final class LiveAccess {
    private static let period: Duration = .seconds(60)
    private static let retry: Duration = .milliseconds(500)

    let credential: Credential
    /// The identity as of the last review.
    private(set) var identity: Identity
    private let hub: LiveHub
    private let loop: EventLoop
    private var streams = PlacedList<LiveStream>(get: { $0.accessPlace }, set: { $0.accessPlace = $1 })
    private var timer: ScheduledTimer? { didSet { oldValue?.cancel() } }
    /// The numbers of the last review, and of the last one that has an outcome. An outcome with a lower number
    /// is outdated.
    private var lastReview = 0
    private var lastOutcome = 0

    init(_ credential: Credential, of reader: Reader, on loop: EventLoop, of hub: LiveHub) {
        self.credential = credential
        identity = reader.identity
        self.hub = hub
        self.loop = loop
    }

    /// Adds a stream. If anything may have changed since its reader was looked up, a review follows at once.
    func join(_ stream: LiveStream, of reader: Reader) {
        if streams.isEmpty { identity = reader.identity }
        streams.insert(stream)
        if reader.generation != hub.authenticator.generation {
            review()
        } else if timer == nil, lastOutcome == lastReview {
            schedule(after: goodFor)
        }
    }

    func leave(_ stream: LiveStream) {
        guard streams.remove(stream), streams.isEmpty else { return }
        timer = nil
        hub.remove(self, on: loop)
    }

    /// Looks the credential up until the store responds. A store that is unavailable closes no stream.
    func review() {
        timer = nil
        guard !streams.isEmpty else { return }
        lastReview += 1
        let (access, number) = (LoopBound(self, on: loop), lastReview)
        Task(executorPreference: loop) { [credential, authenticator = hub.authenticator] in
            let outcome: Result<Identity, any Error>
            do { outcome = .success(try await authenticator.identity(of: credential, askedBy: nil)) } catch {
                outcome = .failure(error)
            }
            access.value.reviewed(outcome, number: number)
        }
    }

    private func reviewed(_ outcome: Result<Identity, any Error>, number: Int) {
        guard number > lastOutcome else { return }
        lastOutcome = number
        switch outcome {
        case .success(let identity):
            self.identity = identity
            tellStreams(identity)
            schedule(after: goodFor)
        case .failure(is Problem): tellStreams(nil)
        case .failure: schedule(after: Self.retry)
        }
    }

    private func schedule(after delay: Duration) {
        guard !streams.isEmpty else { return }
        timer = loop.schedule(after: delay) { [self] in
            timer = nil
            // An expired credential ends its streams even while the store does not respond.
            if goodFor <= .zero { tellStreams(nil) } else { review() }
        }
    }

    /// How long until the credential expires, or until the next review if that is earlier; never negative.
    private var goodFor: Duration {
        min(max(hub.authenticator.remaining(of: identity) ?? Self.period, .zero), Self.period)
    }

    /// Passes the outcome to all streams of the credential. There may be thousands, and a refusal is a send to each,
    /// so this runs in slices over a copy: streams that end leave meanwhile.
    /// - Parameter identity: nil when the credential is no longer valid.
    private func tellStreams(_ identity: Identity?) {
        timer = nil
        Slices(streams.elements).run(on: loop, as: LiveHub.work) { $0.reviewed(identity) }
    }
}
