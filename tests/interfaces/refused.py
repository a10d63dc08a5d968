"""What is checked of a member's requests: they are refused for the role, with 403, and none for a missing login, with 401. Before
anything is read of it, a request may be refused for its length."""

import schemathesis


@schemathesis.check
def members_are_refused(ctx, response, case):
    assert response.status_code in (403, 414), f"a member gets {response.status_code}"
