internal import HashTreeCollections
internal import Metrics
package import Supervision

extension Fleets {
    /// Takes a batch in. The tracker shows it at once; this returns after the commit.
    ///
    /// In order: room in the recorder is reserved, the tracker is told, the store is written. A POST for
    /// which there is no room reaches neither. Of fixes from the future that may be repeats the tracker is told after the
    /// commit, see `IngestPlan.held`.
    /// - Parameter deadline: of the POST, see `FixRecorder.deadline`.
    package func ingest(
        _ batch: FixBatch, as post: PendingPost, by deadline: Deadline
    ) async throws(FleetError) -> IngestReceipt {
        let id = post.fleetID
        // Of a fleet whose tracker has to be loaded first that is a part of the time which a POST has.
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

    /// Whether memory knows this fleet; says nothing of one that was not asked for yet.
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
            // Only the caller's cancellation comes here.
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

    /// - Returns: the generation that took the fixes; nil when none did.
    private func tell(_ fixes: [StoredFix], of fleetID: FleetID) -> UInt64? {
        guard !fixes.isEmpty, let tracker = registry.value(for: fleetID),
            tracker.mailbox.send(.fixes(fixes))
        else { return nil }
        return tracker.generation
    }

    /// A tracker that came since the rows were submitted may have loaded before they were committed; one
    /// whose mailbox was full has missed them. Trackers register before they load, so that none slips
    /// through.
    private func merge(_ fixes: [StoredFix], of fleetID: FleetID, unlessToldTo generation: UInt64?) {
        guard !fixes.isEmpty, let tracker = registry.value(for: fleetID),
            tracker.generation != generation
        else { return }
        dependencies.metrics.trackerMerges.increment()
        guard !tracker.mailbox.send(.fixes(fixes)) else { return }
        noteMiss(of: fleetID)
    }

    /// The tracker gets those of the held fixes that were accepted. Where a receipt alone tells of the post, the table
    /// says which these are.
    private func show(_ held: [Int], of pending: PendingPost, _ outcome: PostOutcome) {
        guard let accepted = outcome.accepted(among: held) else { return noteMiss(of: pending.fleetID) }
        guard !accepted.isEmpty, registry.value(for: pending.fleetID) != nil else { return }
        if tell(accepted.map { pending.fixes[$0] }, of: pending.fleetID) == nil {
            noteMiss(of: pending.fleetID)
        }
    }
}

extension PendingPost {
    /// Those of the fixes that do not stand at one of `places`, which rise.
    fileprivate func fixes(except places: [Int]) -> [StoredFix] {
        var rest = places[...]
        return fixes.indices.compactMap { place in
            guard rest.first == place else { return fixes[place] }
            rest = rest.dropFirst()
            return nil
        }
    }
}
