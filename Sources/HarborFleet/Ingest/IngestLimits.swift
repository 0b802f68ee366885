/// What a POST of fixes may hold. The defaults are the contract's.
package struct IngestLimits: Sendable, Equatable {
    /// The most fixes in one body.
    package var fixes: Int
    /// The most bytes of one fix's attributes, written compactly.
    package var attributeBytes: Int
    /// How far ahead of the clock `recorded_at` may lie.
    package var clockTolerance: Duration
    /// How far back `recorded_at` may lie.
    package var retention: Duration
    /// How many unknown members are named in the answer.
    package var ignoredNames: Int
    /// How deep values may be nested, those of unknown members too.
    package var depth: Int

    package init(
        fixes: Int = 1000, attributeBytes: Int = 2048, clockTolerance: Duration = .seconds(600),
        retention: Duration = .seconds(90 * 86_400), ignoredNames: Int = 32, depth: Int = 32
    ) {
        self.fixes = fixes
        self.attributeBytes = attributeBytes
        self.clockTolerance = clockTolerance
        self.retention = retention
        self.ignoredNames = ignoredNames
        self.depth = depth
    }
}
