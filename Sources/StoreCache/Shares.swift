/// Room that many users share. A part of it (`free`) is open to all, and above it each user may hold at most its
/// share. So a single user may take much, but never leaves the others without any. Pure.
package struct Shares<Key: Hashable & Sendable>: Sendable {
    package enum Refusal: Sendable {
        /// All of it is in use.
        case all
        /// The open part is in use, and this user already has its share.
        case one
    }

    private let limit: Int
    private let free: Int
    private let share: Int
    package private(set) var taken = 0
    /// The amount of each user that holds any; bounded like the room itself.
    private var byKey: [Key: Int] = [:]

    /// - Parameters:
    ///   - free: how much of `limit` is open to all.
    ///   - share: the maximum for one user when that part is in use.
    package init(limit: Int, free: Int = 0, share: Int) {
        self.limit = limit
        self.free = free
        self.share = share
    }

    /// - Returns: why the amount is refused; nil when it is granted, until `giveBack`.
    package mutating func take(_ amount: Int = 1, for key: Key) -> Refusal? {
        let own = byKey[key] ?? 0
        guard amount <= limit - taken else { return .all }
        guard taken + amount <= free || own + amount <= share else { return .one }
        taken += amount
        byKey[key] = own + amount
        return nil
    }

    package mutating func giveBack(_ amount: Int = 1, of key: Key) {
        taken -= amount
        let left = (byKey[key] ?? amount) - amount
        byKey[key] = left > 0 ? left : nil
    }
}
