internal import HarborFleet
internal import Postgres
internal import StoreCache

/// Deletes receipts that are past their retention, a few at a time, so that no commit waits for the deletion.
struct ReceiptSweeper: Sendable {
    private static let timeout: Duration = .seconds(60)

    let pool: PostgresPool

    /// Deletes the oldest receipts of POSTs received before `time`, at most `limit`. Two servers that do so at once
    /// skip the rows that the other one has locked.
    /// - Returns: the number of deleted receipts; fewer than `limit` when none is left.
    func delete(before time: Timestamp, limit: Int = 2_000) async throws(StoreError) -> Int {
        try await upkeep(pool) {
            try await pool.query(
                """
                DELETE FROM receipts WHERE post_id = ANY (ARRAY(
                    SELECT post_id FROM receipts WHERE post_id < $1 ORDER BY post_id LIMIT $2 FOR UPDATE SKIP LOCKED))
                """,
                [.uuid(PostID.first(at: time).number), .int8(Int64(limit))], timeout: Self.timeout
            ).affectedRows
        }
    }
}
