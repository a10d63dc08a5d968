"""Elasticsearch's official client for Python, unchanged, against a sidecar. Prints one line for each test that fails."""

import os
import sys
import traceback

from elasticsearch import (
    AuthenticationException,
    AuthorizationException,
    BadRequestError,
    Elasticsearch,
    NotFoundError,
)

URL = os.environ["TRAILCAR_URL"]
SET = {"set": {"field": "a", "value": 1, "tag": "first"}}
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def raised(kind, call, reason=""):
    """The error of a call that has to fail."""
    try:
        call()
    except kind as error:
        assert reason in str(error), f"{error!r} does not say {reason!r}"
        return error
    raise AssertionError(f"no {kind.__name__}")


@test
def info_and_ping(client):
    assert client.ping()
    info = client.info()
    assert info["tagline"] == "You Know, for Search"
    assert info.meta.headers["x-elastic-product"] == "Elasticsearch"
    assert info.meta.headers["content-type"].startswith("application/vnd.elasticsearch+json")


@test
def pipelines_are_put_got_and_deleted(client):
    assert client.ingest.put_pipeline(id="py-a", description="x", version=3, processors=[SET], meta={"by": "py"})["acknowledged"]
    found = client.ingest.get_pipeline(id="py-a")["py-a"]
    assert found == {"description": "x", "version": 3, "processors": [SET], "_meta": {"by": "py"}}, found
    assert "py-a" in client.ingest.get_pipeline(id="py-*")
    assert "cursor.audit" in client.ingest.get_pipeline()
    assert client.ingest.get_pipeline(id="py-a", summary=True) == {"py-a": {}}
    assert client.ingest.get_pipeline(id="py-a", filter_path="*.version") == {"py-a": {"version": 3}}
    assert client.ingest.put_pipeline(id="py-a", version=4, processors=[], if_version=3)["acknowledged"]
    raised(BadRequestError, lambda: client.ingest.put_pipeline(id="py-a", processors=[], if_version=3), "version conflict")
    assert client.ingest.delete_pipeline(id="py-*")["acknowledged"]
    assert raised(NotFoundError, lambda: client.ingest.get_pipeline(id="py-a")).status_code == 404
    raised(NotFoundError, lambda: client.ingest.delete_pipeline(id="py-*"), "pipeline [py-*] is missing")
    raised(BadRequestError, lambda: client.ingest.delete_pipeline(id="cursor.audit"), "comes with trailcar")


@test
def all_mistakes_of_a_pipeline_are_told(client):
    processors = [{"set": {"field": "a", "tag": "t"}}, {"nope": {}}]
    error = raised(BadRequestError, lambda: client.ingest.put_pipeline(id="py-b", processors=processors))
    assert error.error == "parse_exception" and error.status_code == 400
    told = error.body["error"]
    assert (told["processor_type"], told["processor_tag"], told["property_name"]) == ("set", "t", "value")
    assert told["suppressed"][0]["reason"] == "No processor type exists with name [nope]"


@test
def documents_are_simulated(client):
    docs = [{"_index": "i", "_id": "1", "_source": {"b": 2}}]
    done = client.ingest.simulate(pipeline={"processors": [SET]}, docs=docs)
    assert done["docs"][0]["doc"]["_source"] == {"b": 2, "a": 1}
    client.ingest.put_pipeline(id="py-c", processors=[SET, {"fail": {"message": "no", "if": "ctx.b == 2"}}])
    done = client.ingest.simulate(id="py-c", docs=docs)
    assert done["docs"][0]["error"]["type"] == "fail_processor_exception"
    done = client.ingest.simulate(id="py-c", docs=docs, verbose=True)
    results = done["docs"][0]["processor_results"]
    assert [result["status"] for result in results] == ["success", "error"]
    assert results[0]["doc"]["_ingest"]["pipeline"] == "py-c"
    assert results[1]["if"] == {"condition": "ctx.b == 2", "result": True}
    raised(BadRequestError, lambda: client.ingest.simulate(id="py-none", docs=docs), "does not exist")
    client.ingest.delete_pipeline(id="py-c")


@test
def writes_are_simulated(client):
    docs = [{"_id": "1", "_source": {"b": 2}}]
    substitutions = {"py-d": {"processors": [{"set": {"field": "c", "value": 3}}]}}
    client.ingest.put_pipeline(id="py-d", processors=[SET])
    done = client.simulate.ingest(index="i", pipeline="py-d", docs=docs)
    assert done["docs"][0]["doc"]["_source"] == {"b": 2, "a": 1}
    done = client.simulate.ingest(index="i", pipeline="py-d", docs=docs, pipeline_substitutions=substitutions)
    assert done["docs"][0]["doc"]["_source"] == {"b": 2, "c": 3}
    assert done["docs"][0]["doc"]["executed_pipelines"] == ["py-d"]
    client.ingest.delete_pipeline(id="py-d")


@test
def scripts_are_put_used_and_deleted(client):
    script = {"lang": "painless", "source": "ctx.total = ctx.a + params.more"}
    assert client.put_script(id="py-s", script=script)["acknowledged"]
    assert client.put_script(id="py-s", context="ingest", script=script)["acknowledged"]
    assert client.get_script(id="py-s")["script"] == script
    client.ingest.put_pipeline(id="py-e", processors=[{"script": {"id": "py-s", "params": {"more": 4}}}])
    done = client.ingest.simulate(id="py-e", docs=[{"_source": {"a": 3}}])
    assert done["docs"][0]["doc"]["_source"]["total"] == 7
    raised(BadRequestError, lambda: client.delete_script(id="py-s"), "pipelines use this script")
    client.ingest.delete_pipeline(id="py-e")
    assert client.delete_script(id="py-s")["acknowledged"]
    raised(NotFoundError, lambda: client.delete_script(id="py-s"), "does not exist and cannot be deleted")
    raised(NotFoundError, lambda: client.get_script(id="py-s"))
    broken = {"lang": "painless", "source": "ctx.a = "}
    raised(BadRequestError, lambda: client.put_script(id="py-s", context="ingest", script=broken), "compile error")


@test
def scripts_are_executed(client):
    script = {"source": "params.count / params.total", "params": {"count": 100.0, "total": 1000.0}}
    assert client.scripts_painless_execute(script=script)["result"] == "0.1"
    raised(BadRequestError, lambda: client.scripts_painless_execute(script={"source": "1 +"}), "compile error")


@test
def patterns_of_grok_are_listed(client):
    assert "IP" in client.ingest.processor_grok()["patterns"]


@test
def bodies_may_be_packed(_):
    with connect(http_compress=True) as client:
        source = {"text": "x" * 100_000}
        done = client.ingest.simulate(pipeline={"processors": [SET]}, docs=[{"_source": source}])
        assert done["docs"][0]["doc"]["_source"]["text"] == source["text"]


@test
def who_may_not_come_in_is_told_so(_):
    token, member = os.environ["TRAILCAR_TOKEN"], os.environ["TRAILCAR_MEMBER"]
    for credentials in [
        {"bearer_auth": token},
        {"api_key": token},
        {"api_key": ("ada", token)},
        {"basic_auth": ("ada", token)},
    ]:
        with Elasticsearch(URL, **credentials) as client:
            assert "cursor.audit" in client.ingest.get_pipeline(), credentials.keys()
    with Elasticsearch(URL) as client:
        error = raised(AuthenticationException, client.ingest.get_pipeline, "missing authentication credentials")
        assert error.error == "security_exception"
    with Elasticsearch(URL, basic_auth=("mia", token)) as client:
        raised(AuthenticationException, client.ingest.get_pipeline, "unable to authenticate")
    with Elasticsearch(URL, bearer_auth=member) as client:
        raised(AuthorizationException, client.ingest.get_pipeline, "with the role member")


def connect(**options):
    return Elasticsearch(URL, bearer_auth=os.environ["TRAILCAR_TOKEN"], **options)


def main():
    passed = 0
    with connect() as client:
        for function in TESTS:
            try:
                function(client)
                passed += 1
            except Exception:
                print(f"FAILED python {function.__name__}")
                traceback.print_exc(file=sys.stdout)
    print(f"passed={passed} failed={len(TESTS) - passed} skipped=0")
    sys.exit(passed != len(TESTS))


main()
