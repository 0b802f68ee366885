/// Room that many share: a part of it is anybody's, and of the rest each has no more than a share. So one that is alone may
/// take much, and never leaves others without any. Pure.
package struct Shares<Key: Hashable & Sendable>: Sendable {
    package enum Refusal: Sendable {
        /// All of it is taken.
        case all
        /// What is anybody's is taken, and this one has its share.
        case one
    }

    private let limit: Int
    private let free: Int
    private let share: Int
    package private(set) var taken = 0
    /// Of those that have any: bounded as the room is.
    private var byKey: [Key: Int] = [:]

    /// - Parameters:
    ///   - free: how much of `limit` is anybody's.
    ///   - share: what one has at most when that is taken.
    package init(limit: Int, free: Int = 0, share: Int) {
        self.limit = limit
        self.free = free
        self.share = share
    }

    /// - Returns: why it is not to be had; nil when it is taken, until `giveBack`.
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
