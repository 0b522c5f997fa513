"""The tables, and what is in them at first. The ids are 1, 2, 3 in this order."""
import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import migrations, models


def seed(apps, schema_editor):
    User = apps.get_model("auth", "User")
    Article = apps.get_model("blog", "Article")
    Post = apps.get_model("blog", "Post")
    alice = User.objects.create(username="alice", password=make_password("wonderland"))
    bob = User.objects.create(username="bob", password=make_password("builder"))
    User.objects.create(username="admin", password=make_password("looking-glass"), is_staff=True)
    Article.objects.create(author=alice, title="Down the rabbit hole", body="Alice was beginning to get very tired.")
    Article.objects.create(author=bob, title="Can we fix it?", body="Yes, we can.")
    Post.objects.create(slug="hello-world", title="Hello, world", body="The first post of this blog.")
    Post.objects.create(slug="who-did-what", title="Who did what", body="Every act leaves a row behind.")


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.CreateModel("Article", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("title", models.CharField(max_length=200)),
            ("body", models.TextField()),
            ("author", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
        ]),
        migrations.CreateModel("Post", [
            ("slug", models.SlugField(primary_key=True, serialize=False)),
            ("title", models.CharField(max_length=200)),
            ("body", models.TextField()),
        ]),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
