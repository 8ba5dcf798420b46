import pytest, sys
sys.path.insert(0, "/work/t/mydata")
from tests import my_data as made
pytestmark = pytest.mark.django_db(transaction=True)
def test_x(home, settings, shared_data):
    settings.COMMONWEAL_HOME = home
    one = made.somebody()
    print(made.wear(one, shared_data)); print(made.share_records(one, shared_data)); print(made.answer(one))
    c = made.log_in(one.account)
    import re,time
    for p in ("/data/","/data/about-you/","/data/consents/","/data/answers/","/data/activity/","/data/activity/?range=year","/data/sleep/","/data/heart/","/data/measurements/","/data/records/diagnoses/","/data/records/medicines/","/data/records/vaccinations/","/data/records/visits/","/data/records/allergies/","/data/between-us/","/data/take/","/data/wrong/","/data/heart/leave-out/"):
        t=time.time(); a=c.get(p); dt=time.time()-t
        print(p, a.status_code, len(a.content), round(dt,3), re.sub(r"\s+"," ",re.sub(r"<[^>]+>"," ",a.content.decode()))[200:700])
    from commonweal.vault.journey.my_data.taking import as_pdf
    open("/tmp/en.pdf","wb").write(as_pdf.make(one,"en"))
    for k in ("csv","fhir","pdf","all"):
        t=time.time(); a=c.post("/data/take/",{"kind":k}, follow=True); print(k, a.status_code, time.time()-t)
    from commonweal.vault.journey.models import TakeAway
    for t in TakeAway.objects.all():
        print(t.kind,t.state,t.done,t.steps,t.size)
        r=c.get(f"/data/take/{t.uuid}/file/"); b=b"".join(r.streaming_content) if r.streaming else r.content
        open(f"/tmp/take.{t.kind}","wb").write(b)
