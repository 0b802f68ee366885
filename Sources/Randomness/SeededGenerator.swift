/// Random numbers that repeat with their seed: SplitMix64 (Steele, Lea, Flood 2014), one addition and three
/// multiplications a word. For ids, for what is simulated, and for made-up cases of tests; not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    /// A generator at the start of the sequence of `seed`.
    @inlinable public init(seed: UInt64) {
        state = seed
    }

    @inlinable public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
