/// The bounds of the recorder.
package struct RecorderConfiguration: Sendable {
    /// Fixes that are admitted and not yet durable, at most.
    package var maximumRows = 100_000
    /// Bytes of memory that their POSTs take (`PendingPost.heldBytes`), at most.
    package var maximumBytes = 128 * 1024 * 1024
    /// POSTs, at most.
    package var maximumPosts = 20_000
    /// How long a POST may take in all. Whoever has no outcome by then is told to come again, since a partner would give
    /// up in the end; the same POST again is harmless.
    package var maximumAge: Duration = .seconds(5)
    /// How much of that has to be left for its transaction to begin: one that is given up half done helps nobody.
    package var shortestUnit: Duration = .seconds(1)
    /// A transaction that had this long and did not end says that the store is away; one that had less, because its POSTs
    /// had waited already, does not.
    package var longUnit: Duration = .seconds(3)
    /// Fixes in one transaction, unless a single POST holds more.
    package var rowsPerUnit = 2000
    /// Transactions under way at once. With two, both may wait for the disk while the cores idle; with more than three
    /// they are smaller and wait for each other's vehicles.
    package var unitsInFlight = 3
    /// How long the breaker refuses every POST; then one may try, and the others once it is durable. One unit that fails for
    /// want of the store opens it: that costs as long as a statement may take, and later POSTs must not wait so long too.
    package var openFor: Duration = .seconds(1)
    /// What a refused partner is told to wait.
    package var retryAfter: Duration = .seconds(1)

    package init() {}
}
