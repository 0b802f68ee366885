package import HarborFleet
internal import StoreCache
package import Supervision

/// Records when partners were last active, without making requests wait for it.
///
/// ```swift
/// uses.noteUse(of: secret.partnerID)   // returns at once, any thread
/// ```
/// The server must run its component. Overflow policy: refuse the newest; the partner's next use is recorded a
/// minute later.
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

    /// Notes that a partner's signature was verified. Never waits. Only one use per minute and partner is passed
    /// on.
    package func noteUse(of id: PartnerID) {
        guard throttle.isDue(id, now: wallClock.now()) else { return }
        _ = waiting.send(id)
    }

    /// A component that writes the noted uses. A use that cannot be written is dropped; the next one follows in a
    /// minute.
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
