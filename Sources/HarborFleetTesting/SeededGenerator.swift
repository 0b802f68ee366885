package import Randomness

/// Gives the same sequence for the same seed, so that a failed case can be repeated.
package typealias SeededGenerator = Randomness.SeededGenerator
