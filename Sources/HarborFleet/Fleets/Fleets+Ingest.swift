internal import HashTreeCollections
internal import Metrics
package import Supervision

extension Fleets {
    /// Ingests a batch. The tracker shows it at once; this call returns after the commit.
    ///
    /// The order is: reserve room in the recorder, send to the tracker, write to the store. A POST for which there is
    /// no room reaches neither tracker nor store. Fixes from the future that may be repeats are sent to the tracker
    /// after the commit, see `IngestPlan.held`.
    /// - Parameter deadline: the deadline of the POST, see `FixRecorder.deadline`.
    package func ingest(
        _ batch: FixBatch, as post: PendingPost, by deadline: Deadline
    ) async throws(FleetError) -> IngestReceipt {
        let id = post.fleetID
        // If the fleet's tracker must be loaded first, the load uses up part of the POST's time.
        let snapshot = try await loadedStatus(of: id, by: deadline)
        let quota = entry(of: id).quota
        let known = batch.fixes.map { snapshot.vehicles[$0.fix.vehicleID] }
        let newVehicles =
            known.contains { $0 == nil }
            ? quota.newVehicles(in: batch, known: snapshot.vehicles, now: dependencies.clock.now()) : []
        let plan = IngestPlan(
            batch, receivedAt: post.receivedAt, known: known, newVehicles: newVehicles,
            aheadUnknownUntil: snapshot.aheadUnknownUntil, rules: dependencies.configuration.motion)
        guard !plan.fixes.isEmpty else { throw .allRejected(plan.rejected, ignored: batch.ignored) }
        var post = post
        post.fixes = plan.fixes
        let outcome: PostOutcome
        do throws(FleetError) {
            outcome = try await recorded(post, held: plan.held, by: deadline)
        } catch {
            quota.ended(newVehicles, isStored: false, now: dependencies.clock.now())
            throw error
        }
        quota.ended(newVehicles, isStored: true, now: dependencies.clock.now())
        dependencies.metrics.fixesRejected.increment(by: plan.rejected.count)
        return IngestReceipt(
            postID: post.postID, accepted: outcome.accepted, duplicates: outcome.duplicates,
            rejected: plan.rejected, ignored: batch.ignored)
    }

    /// Whether memory holds this fleet. False proves nothing: the fleet may not have been asked for yet.
    package func knows(_ id: FleetID) -> Bool {
        if case .value = directory.known(id) { return true }
        return false
    }

    private func loadedStatus(
        of id: FleetID, by deadline: Deadline
    ) async throws(FleetError) -> FleetSnapshot {
        if let snapshot = snapshot(of: id) { return snapshot }
        do {
            return try await recorder.inTime(by: deadline) { try await self.status(of: id) }
        } catch let error as FleetError {
            throw error
        } catch {
            // Only the cancellation of the caller ends here.
            throw .unavailable(retryAfter: .seconds(1))
        }
    }

    private func recorded(
        _ pending: PendingPost, held: [Int], by deadline: Deadline
    ) async throws(FleetError) -> PostOutcome {
        do throws(FleetError) {
            let admission = try recorder.admit(pending)
            let shown = held.isEmpty ? pending.fixes : pending.fixes(except: held)
            let told = tell(shown, of: pending.fleetID)
            let outcome = try await recorder.submit(admission, by: deadline)
            merge(shown, of: pending.fleetID, unlessToldTo: told)
            if !held.isEmpty { show(held, of: pending, outcome) }
            return outcome
        } catch {
            // The commit may have happened before the failure. The tracker has not seen these fixes.
            if !held.isEmpty { noteMiss(of: pending.fleetID) }
            throw error
        }
    }

    /// - Returns: the generation of the tracker that accepted the fixes; nil when no tracker did.
    private func tell(_ fixes: [StoredFix], of fleetID: FleetID) -> UInt64? {
        guard !fixes.isEmpty, let tracker = registry.value(for: fleetID),
            tracker.mailbox.send(.fixes(fixes))
        else { return nil }
        return tracker.generation
    }

    /// Sends the fixes again when the tracker has changed or its mailbox was full.
    ///
    /// A tracker that started after the rows were submitted may have loaded before they were committed; a tracker
    /// whose mailbox was full has missed them. Trackers register before they load, so that no fix is lost in
    /// between.
    private func merge(_ fixes: [StoredFix], of fleetID: FleetID, unlessToldTo generation: UInt64?) {
        guard !fixes.isEmpty, let tracker = registry.value(for: fleetID),
            tracker.generation != generation
        else { return }
        dependencies.metrics.trackerMerges.increment()
        guard !tracker.mailbox.send(.fixes(fixes)) else { return }
        noteMiss(of: fleetID)
    }

    /// Sends the accepted ones of the held fixes to the tracker. When only a receipt shows the outcome of the post,
    /// it does not say which fixes were accepted, and the next merge reads them from the table.
    private func show(_ held: [Int], of pending: PendingPost, _ outcome: PostOutcome) {
        guard let accepted = outcome.accepted(among: held) else { return noteMiss(of: pending.fleetID) }
        guard !accepted.isEmpty, registry.value(for: pending.fleetID) != nil else { return }
        if tell(accepted.map { pending.fixes[$0] }, of: pending.fleetID) == nil {
            noteMiss(of: pending.fleetID)
        }
    }
}

extension PendingPost {
    /// The fixes except those at `places`, which must be in ascending order.
    fileprivate func fixes(except places: [Int]) -> [StoredFix] {
        var rest = places[...]
        return fixes.indices.compactMap { place in
            guard rest.first == place else { return fixes[place] }
            rest = rest.dropFirst()
            return nil
        }
    }
}
