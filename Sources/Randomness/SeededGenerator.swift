/// A fast generator of random numbers that gives the same sequence for the same seed: SplitMix64 (Steele, Lea, Flood
/// 2014), with one addition and two multiplications for each word. It is for ids, simulations and generated test
/// cases. It must not be used for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    /// Makes a generator at the start of the sequence of `seed`.
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
