internal import HTTPTypes
internal import Synchronization

/// How many tracks may be under way, in all and of one reader: each holds a page, and what its client has not taken
/// yet.
final class TrackPlaces: Sendable {
    private struct State {
        var free: Int
        /// Of those who have any.
        var taken: [TrackReader: Int] = [:]
    }

    private let state: Mutex<State>
    private let perReader: Int

    init(_ limits: TrackController.Limits) {
        state = Mutex(State(free: max(limits.tracks, 1)))
        perReader = max(limits.tracksOfOneReader, 1)
    }

    /// A place, kept for as long as somebody holds it.
    /// - Throws: `Problem` 429 when the reader has as many as one may have, 503 when all are taken.
    func take(for reader: TrackReader) throws(Problem) -> TrackPlace {
        let refusal = state.withLock { state -> Problem? in
            let own = state.taken[reader] ?? 0
            guard own < perReader else { return .tooManyTracksOfOneReader }
            guard state.free > 0 else { return .tooManyTracks }
            state.free -= 1
            state.taken[reader] = own + 1
            return nil
        }
        if let refusal { throw refusal }
        return TrackPlace { [self] in giveBack(placeOf: reader) }
    }

    private func giveBack(placeOf reader: TrackReader) {
        state.withLock { state in
            state.free += 1
            let own = state.taken[reader] ?? 0
            state.taken[reader] = own > 1 ? own - 1 : nil
        }
    }
}

/// Whose tracks are counted together.
enum TrackReader: Hashable, Sendable {
    /// By name; the sessions that were opened with it, too.
    case token(String)
    /// Where reads need no token.
    case address(String)
}

/// One track's place. An object that gives it back when it goes, however the track ends: answered, cut, or never begun.
final class TrackPlace: Sendable {
    private let giveBack: @Sendable () -> Void

    fileprivate init(_ giveBack: @escaping @Sendable () -> Void) {
        self.giveBack = giveBack
    }

    deinit { giveBack() }
}

extension Problem {
    /// In seconds.
    private static let retryAfter = 5

    fileprivate static let tooManyTracks = Problem.unavailable(
        "Too many tracks are being read.", retryAfter: retryAfter)

    fileprivate static let tooManyTracksOfOneReader = Problem(
        .tooManyRequests, "too-many-tracks", title: "Too Many Requests",
        detail: "You are reading as many tracks as one reader may at a time.",
        fields: [.retryAfter: "\(retryAfter)"])
}
