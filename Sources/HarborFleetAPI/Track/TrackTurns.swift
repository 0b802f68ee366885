internal import HTTPTypes
internal import Metrics
internal import StoreCache
internal import Supervision
internal import Synchronization

/// Lets tracks read and encode their pages, at most a bounded number at a time.
final class TrackTurns: Sendable {
    private struct Content {
        var state: TrackTurnsState
        var lastTrack: UInt64 = 0
        /// The promises of the tracks that wait.
        var turns: [UInt64: Promise<Void>] = [:]
    }

    private let content: Mutex<Content>
    private let taken = Meter(label: "harbor_track_places")
    private let waiting = Meter(label: "harbor_track_waiters")

    init(_ limits: TrackTurnsState.Limits) {
        content = Mutex(Content(state: TrackTurnsState(limits: limits)))
    }

    /// The number of tracks that wait for a place.
    var waitingTracks: Int { content.withLock { $0.state.waiting } }

    /// The number of places in use.
    var takenPlaces: Int { content.withLock { $0.state.taken } }

    /// Runs `body`, which reads and encodes a page, when it is the reader's turn.
    /// - Parameter isNew: whether this is the track's first page: only then it may be refused.
    /// - Throws: `Problem` 429 or 503 when too many wait, `CancellationError`, or what `body` throws.
    func withPlace<Value>(
        for reader: Requester, isNew: Bool = false, _ body: () async throws -> Value
    ) async throws -> Value {
        try await enter(reader, isNew)
        defer { leave(reader) }
        try Task.checkCancellation()
        return try await body()
    }

    private func enter(_ reader: Requester, _ isNew: Bool) async throws {
        let turn = Promise<Void>()
        let (track, entrance) = content.withLock { content in
            content.lastTrack &+= 1
            let entrance = content.state.arrived(content.lastTrack, of: reader, isNew: isNew)
            if entrance == .waits { content.turns[content.lastTrack] = turn }
            return (content.lastTrack, entrance)
        }
        switch entrance {
        case .enters: taken.increment()
        case .refused(let refusal): throw Problem.refusedTrack(refusal)
        case .waits:
            waiting.increment()
            try await wait(turn, track, reader)
        }
    }

    private func wait(_ turn: Promise<Void>, _ track: UInt64, _ reader: Requester) async throws {
        do {
            try await turn.value()
        } catch {
            let waited = content.withLock { content in
                content.turns[track] = nil
                return content.state.gaveUp(track, of: reader)
            }
            if waited { waiting.decrement() } else { leave(reader) }
            throw error
        }
    }

    private func leave(_ reader: Requester) {
        let next = content.withLock { content in
            content.state.left(reader).flatMap { content.turns.removeValue(forKey: $0) }
        }
        guard let next else { return taken.decrement() }
        // The place passes from this track to the next one.
        waiting.decrement()
        next.fulfil(.success(()))
    }
}

extension Problem {
    /// In seconds.
    private static let retryAfter = 5

    fileprivate static func refusedTrack(_ refusal: TrackTurnsState.Refusal) -> Problem {
        switch refusal {
        case .waitingOfReader: .tooManyTracksOfOneReader(cause: refusal.rawValue)
        case .waiting: .tooManyTracks(cause: refusal.rawValue)
        }
    }

    /// Counts a new track as refused, and returns its response.
    static func tooManyTracks(cause: String) -> Problem {
        count(cause)
        return .unavailable("Too many tracks are being read. Retry shortly.", retryAfter: retryAfter)
    }

    /// The same as `tooManyTracks`, for a reader that is at its own bound.
    static func tooManyTracksOfOneReader(cause: String) -> Problem {
        count(cause)
        return Problem(
            .tooManyRequests, "too-many-tracks",
            detail: "This reader is reading the maximum number of tracks. Retry shortly.",
            fields: [.retryAfter: "\(retryAfter)"])
    }

    private static func count(_ cause: String) {
        Counter(label: "harbor_tracks_refused_total", dimensions: [("cause", cause)]).increment()
    }
}
