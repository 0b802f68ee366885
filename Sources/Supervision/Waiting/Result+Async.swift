extension Result {
    /// What `body` returns or throws. For a clean-up that has to wait, which `defer` cannot:
    ///
    /// ```swift
    /// let result = await Result { try await work(connection) }
    /// await connection.close()
    /// return try result.get()
    /// ```
    package init(catching body: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
