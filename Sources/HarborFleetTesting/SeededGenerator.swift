package import Randomness

/// The same sequence for the same seed, so that a case that failed fails again.
package typealias SeededGenerator = Randomness.SeededGenerator
