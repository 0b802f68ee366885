internal import StoreCache

/// Which tracks read and encode a page at the moment, and which wait for that. Decides; `TrackTurns` waits.
///
/// A track keeps its place for one page, not while its client takes the page. Readers take turns, whatever the number
/// of tracks of each.
struct TrackTurnsState {
    struct Limits: Sendable {
        /// Pages that are read and encoded at a time. Each takes a megabyte or two.
        var places = 16
        /// Of these, those of one reader.
        var placesOfOneReader = 4
        /// Tracks that may wait when a new one comes; it is refused when there are more. Those under way always wait.
        var waiting = 512
        /// Of these, those of one reader.
        var waitingOfOneReader = 64
    }

    /// Why a new track may not wait.
    enum Refusal: String, Sendable {
        /// Too many tracks of this reader wait.
        case waitingOfReader = "waiting_of_reader"
        /// Too many tracks wait.
        case waiting
    }

    enum Entrance: Equatable {
        case enters
        /// Until `left` names it.
        case waits
        case refused(Refusal)
    }

    private struct Reader {
        var places = 0
        /// In the order of their coming.
        var waiting: [UInt64] = []
    }

    private let limits: Limits
    private var readers: [Requester: Reader] = [:]
    /// The readers with tracks that wait, in the order of their turns.
    private var turns: [Requester] = []
    /// Places that are taken.
    private(set) var taken = 0
    private(set) var waiting = 0

    init(limits: Limits) {
        self.limits = limits
    }

    /// A track wants to read a page.
    /// - Parameter isNew: whether it is its first one.
    mutating func arrived(_ track: UInt64, of id: Requester, isNew: Bool) -> Entrance {
        var reader = readers[id] ?? Reader()
        defer { readers[id] = reader.places == 0 && reader.waiting.isEmpty ? nil : reader }
        if taken < limits.places, reader.places < limits.placesOfOneReader, reader.waiting.isEmpty {
            taken += 1
            reader.places += 1
            return .enters
        }
        if isNew {
            guard reader.waiting.count < limits.waitingOfOneReader else { return .refused(.waitingOfReader) }
            guard waiting < limits.waiting else { return .refused(.waiting) }
        }
        if reader.waiting.isEmpty { turns.append(id) }
        reader.waiting.append(track)
        waiting += 1
        return .waits
    }

    /// A track has its page.
    /// - Returns: the track that enters in its stead.
    mutating func left(_ id: Requester) -> UInt64? {
        taken -= 1
        readers[id]?.places -= 1
        let next = enterNext()
        forgetIfIdle(id)
        return next
    }

    /// A track does not want its place any more.
    /// - Returns: whether it still waited; else it has a place, and has to leave.
    mutating func gaveUp(_ track: UInt64, of id: Requester) -> Bool {
        guard let index = readers[id]?.waiting.firstIndex(of: track) else { return false }
        readers[id]?.waiting.remove(at: index)
        waiting -= 1
        if readers[id]?.waiting.isEmpty ?? true { turns.removeAll { $0 == id } }
        forgetIfIdle(id)
        return true
    }

    private mutating func enterNext() -> UInt64? {
        guard taken < limits.places,
            let turn = turns.firstIndex(where: {
                readers[$0, default: Reader()].places < limits.placesOfOneReader
            }),
            var reader = readers[turns[turn]], !reader.waiting.isEmpty
        else { return nil }
        let id = turns.remove(at: turn)
        let track = reader.waiting.removeFirst()
        reader.places += 1
        readers[id] = reader
        if !reader.waiting.isEmpty { turns.append(id) }
        taken += 1
        waiting -= 1
        return track
    }

    private mutating func forgetIfIdle(_ id: Requester) {
        guard let reader = readers[id], reader.places == 0, reader.waiting.isEmpty else { return }
        readers[id] = nil
    }
}
