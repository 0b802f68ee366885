package import HarborFleet
internal import StoreCache
package import Supervision

/// Writes down when partners were last heard of, beside what they wait for.
///
/// ```swift
/// uses.noteUse(of: secret.partnerID)   // returns at once, any thread
/// ```
/// Its component has to run. Overflow policy: refuse the newest; the partner's next use is noted a minute later.
package final class PartnerUses: Sendable {
    private static let capacity = 1024

    private let store: any PartnerStore
    private let wallClock: any WallClock
    private let throttle = UseThrottle<PartnerID>()
    private let waiting = Mailbox<PartnerID>(capacity: PartnerUses.capacity)

    package init(store: any PartnerStore, wallClock: any WallClock = SystemWallClock()) {
        self.store = store
        self.wallClock = wallClock
    }

    /// A partner's signature verified. Never waits; all but one use a minute and partner end here.
    package func noteUse(of id: PartnerID) {
        guard throttle.isDue(id, now: wallClock.now()) else { return }
        _ = waiting.send(id)
    }

    /// A component that writes the noted uses. One that cannot be written is left out: the next comes in a minute.
    package var spec: ChildSpec {
        ChildSpec(id: "partner-uses") { [self] context in
            context.ready()
            try await run()
        }
    }

    /// Writes until the task is cancelled.
    package func run() async throws {
        while let batch = await waiting.receive() {
            for id in batch {
                do throws(StoreError) { try await store.noteUse(of: id, now: wallClock.now()) } catch {}
            }
        }
        try Task.checkCancellation()
    }
}
