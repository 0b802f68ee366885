/// The bounds of the recorder.
package struct RecorderConfiguration: Sendable {
    /// The maximum number of fixes that are admitted and not yet durable.
    package var maximumRows = 100_000
    /// The maximum memory of their POSTs in bytes (`PendingPost.heldBytes`).
    package var maximumBytes = 128 * 1024 * 1024
    /// The maximum number of POSTs.
    package var maximumPosts = 20_000
    /// The maximum time of a POST in all. A POST without an outcome by then is refused with the advice to retry,
    /// because a partner would give up eventually. Sending the same POST again is harmless.
    package var maximumAge: Duration = .seconds(5)
    /// How much of that time must be left for the POST's transaction to begin. A transaction that is cut off by the
    /// deadline is wasted work.
    package var shortestUnit: Duration = .seconds(1)
    /// A transaction that had this much time and did not end shows that the store is unavailable. One that had
    /// less, because its POSTs had waited already, does not show that.
    package var longUnit: Duration = .seconds(3)
    /// The maximum number of fixes in one transaction, unless a single POST holds more.
    package var rowsPerUnit = 2000
    /// The maximum number of transactions in progress at once. With two, both may wait for the disk while the cores
    /// idle. With more than three, each is smaller and they wait for each other's vehicles.
    package var unitsInFlight = 3
    /// How long the circuit breaker refuses every POST. Then one POST may try, and the others follow once it is
    /// durable. A single batch that fails because the store is unavailable opens the breaker: such a failure takes
    /// as long as a statement's time-out, and later POSTs must not wait that long too.
    package var openFor: Duration = .seconds(1)
    /// The retry delay that is sent to a refused partner.
    package var retryAfter: Duration = .seconds(1)

    package init() {}
}
